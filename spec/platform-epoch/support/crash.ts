/** Stores to restart, and hosts that are killed during the restart. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeSwingsetController } from '../../../lib/controller/make-controller.js';
import type { PlatformRestartMode } from '../../../lib/types/platform-epoch.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import type { ManagerType } from '../../../lib/types/vat-options.js';
import { until } from '../../support/processes.js';
import { startLife } from '../../support/swingset.js';
import { runBlocks } from './blocks.js';
import { COMMIT_POINT, type ChildOrder } from './child-order.js';
import { hashTables, makeConfig } from './fixture.js';

export interface StoreOptions {
  readonly path: string;
  readonly worker: ManagerType;
  /** In addition to the four static ones. */
  readonly dynamicVats: number;
}

/**
 * A store at epoch 1: alice has promises in flight, bob holds objects of hers, v5 can't start
 * again, v6 is suspended, and messages wait for all of them.
 */
export const prepareStore = async ({ path, worker, dynamicVats }: StoreOptions): Promise<void> => {
  const life = await startLife({ config: makeConfig(), worker, store: { path }, platformEpoch: 1 });
  await life.run();
  const names = Array.from({ length: dynamicVats }, (_, index) => `vat${index + 5}`);
  for (const name of names) {
    const vatParameters = name === 'vat5' ? { failInLife: 1 } : {};
    await life.call('boot', 'create', name, { vatParameters });
  }
  await life.call('alice', 'bump');
  life.controller.queueToVatRoot('alice', 'never');
  await life.call('boot', 'introduce', 'alice', 'getThing', 'bob', 'thing');
  await life.call('boot', 'introduce', 'alice', 'getEphemeral', 'bob', 'ephemeral');
  if (dynamicVats > 1) await life.controller.suspendVat('v6');
  for (const name of ['alice', 'bob', ...names]) {
    life.controller.queueToVatRoot('boot', 'sendOnly', [name, 'bump']);
  }
  await life.hostStorage.commit();
  await life.close();
};

export interface Outcome {
  readonly activityhash: string;
  readonly tables: Readonly<Record<string, string>>;
  /** How many vats the last boot restarted. */
  readonly restarted: number;
}

export interface BootOptions {
  readonly path: string;
  readonly platformEpoch: number;
  readonly mode: PlatformRestartMode;
  readonly concurrency?: number;
  /** How many blocks the host runs in all, over its lives. Default 0. */
  readonly blocks?: number;
  readonly faultPoint?: (name: string) => void;
}

/** Boots with the epoch in this process, commits, and hashes the store. */
export const bootAndLook = async (options: BootOptions): Promise<Outcome> => {
  const { path, platformEpoch, mode, concurrency = 1, blocks = 0, faultPoint } = options;
  const store = openSwingStore(path);
  const quiet = () => undefined;
  const controller = await makeSwingsetController({
    kernelStorage: store.kernelStorage,
    platformEpoch,
    platformRestart: { mode, concurrency },
    console: { log: quiet, info: quiet, warn: quiet, error: quiet, debug: quiet },
    ...(faultPoint && { faultPoint }),
  });
  faultPoint?.(COMMIT_POINT);
  await store.hostStorage.commit();
  await runBlocks({ controller, hostStorage: store.hostStorage, blocks, faultPoint });
  const outcome = {
    activityhash: controller.getActivityhash(),
    tables: hashTables(store, { withoutLocal: true }),
    restarted: controller.getPlatformRestartReport()?.vats.length ?? 0,
  };
  await controller.shutdown();
  await store.hostStorage.close();
  return outcome;
};

const script = fileURLToPath(new URL('restart-child.ts', import.meta.url));

/**
 * Starts `restart-child.ts` in its own process group. Its messages report its progress.
 */
export const startChild = (order: ChildOrder): ChildProcess =>
  fork(script, [JSON.stringify(order)], {
    execArgv: ['--import', 'tsx/esm'],
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });

export type ChildEnd = { readonly signal: 'SIGKILL' } | { readonly restarted: number };

/** @throws unless the child was killed or finished its work */
export const endOf = async (child: ChildProcess): Promise<ChildEnd> => {
  let restarted: number | undefined;
  child.on('message', message => {
    const told = message as { restarted?: number };
    restarted = told.restarted ?? restarted;
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (signal === 'SIGKILL') return { signal };
  if (code === 0 && restarted !== undefined) return { restarted };
  throw Error(`the host ended with ${signal ?? `code ${code}`}`);
};

/** The processes in the group, from `/proc` (Linux). */
const membersOf = (group: number | undefined): string[] =>
  readdirSync('/proc').filter(entry => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const [state, , groupOf] = readFileSync(`/proc/${entry}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return Number(groupOf) === group && state !== 'Z';
    } catch {
      return false;
    }
  });

/** Resolves when no process that the child started is left. */
export const untilGone = async ({ pid }: ChildProcess): Promise<void> =>
  until(() => membersOf(pid).length === 0);

/** A copy that the spec may change. The store must be closed. */
export const copyStore = (from: string, to: string): string => {
  cpSync(from, to, { recursive: true });
  return to;
};
