/** Stores to restart, and hosts that are killed during the restart. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeSwingsetController } from '../../../lib/controller/make-controller.js';
import type { PlatformRestartMode } from '../../../lib/types/platform-epoch.js';
import type { SwingsetRuntimeOptions } from '../../../lib/controller/option-types.js';
import type { SwingStoreOptions } from '../../../lib/store/options.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import type { SwingStore } from '../../../lib/store/swing-store.js';
import { silent, withoutSystemVats } from '../../controller/support.js';
import { bundleCachePath } from '../../support/bundle-cache.js';
import { makeInitializedStore } from '../../support/initialized-stores.js';
import type { ManagerType } from '../../../lib/types/vat-options.js';
import { until } from '../../support/processes.js';
import { runBlocks } from './blocks.js';
import { COMMIT_POINT, type ChildOrder } from './child-order.js';
import { hashTables, makeConfig } from './fixture.js';

/** Which vats can't start again: v5, or every one but the bootstrap vat and vat-admin. */
export type Failing = 'none' | 'one' | 'all';

export interface StoreOptions {
  readonly path: string;
  readonly worker: ManagerType;
  /** In addition to the four static ones. */
  readonly dynamicVats: number;
  /** Default: `one`. */
  readonly failing?: Failing;
}

/**
 * A store at epoch 1: alice has promises in flight, bob holds objects of hers, v5 can't start
 * again, v6 is suspended, and messages wait for all of them.
 */
export const prepareStore = async ({
  path,
  worker,
  dynamicVats,
  failing = 'one',
}: StoreOptions): Promise<void> => {
  const mortal = { failInLife: 1 };
  const { store } = await makeInitializedStore(path, {
    config: {
      bundleCachePath,
      defaultReapInterval: 1000,
      defaultManagerType: worker,
      ...makeConfig(failing === 'all' ? { alice: mortal, bob: mortal } : {}),
    },
    argv: [],
    options: withoutSystemVats,
    platformEpoch: 1,
  });
  const { kernelStorage, hostStorage } = store;
  const controller = await makeSwingsetController({ kernelStorage, console: silent });
  const call = async (vatName: string, method: string, ...args: unknown[]): Promise<void> => {
    controller.queueToVatRoot(vatName, method, args, 'panic');
    await controller.run();
  };
  await controller.run();
  const names = Array.from({ length: dynamicVats }, (_, index) => `vat${index + 5}`);
  for (const name of names) {
    const fails = failing === 'all' || (failing === 'one' && name === 'vat5');
    await call('boot', 'create', name, { vatParameters: fails ? mortal : {} });
  }
  await call('alice', 'bump');
  controller.queueToVatRoot('alice', 'never');
  await call('boot', 'introduce', 'alice', 'getThing', 'bob', 'thing');
  await call('boot', 'introduce', 'alice', 'getEphemeral', 'bob', 'ephemeral');
  if (dynamicVats > 1) await controller.suspendVat('v6');
  for (const name of ['alice', 'bob', ...names]) {
    controller.queueToVatRoot('boot', 'sendOnly', [name, 'bump']);
  }
  await hostStorage.commit();
  await controller.shutdown();
  await hostStorage.close();
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
  /** Whether the host commits between vats. */
  readonly withCheckpoint?: boolean;
  readonly storeOptions?: SwingStoreOptions;
  /** Stands between the host, the kernel and the store. */
  readonly wrapStore?: (store: SwingStore) => Pick<SwingStore, 'hostStorage' | 'kernelStorage'>;
  readonly runtimeOptions?: Pick<SwingsetRuntimeOptions, 'slogSender' | 'spawn'>;
}

const bootStore = async (store: SwingStore, options: BootOptions): Promise<Outcome> => {
  const { platformEpoch, mode, concurrency = 1, blocks = 0, faultPoint, withCheckpoint } = options;
  const { kernelStorage, hostStorage } = options.wrapStore?.(store) ?? store;
  const controller = await makeSwingsetController({
    kernelStorage,
    platformEpoch,
    platformRestart: {
      mode,
      concurrency,
      ...(withCheckpoint && { checkpoint: () => hostStorage.commit() }),
    },
    console: silent,
    ...(faultPoint && { faultPoint }),
    ...options.runtimeOptions,
  });
  try {
    faultPoint?.(COMMIT_POINT);
    await hostStorage.commit();
    await runBlocks({ controller, hostStorage, blocks, faultPoint });
    return {
      activityhash: controller.getActivityhash(),
      tables: hashTables(store, { withoutLocal: true }),
      restarted: controller.getPlatformRestartReport()?.vats.length ?? 0,
    };
  } finally {
    await controller.shutdown();
  }
};

/** Boots with the epoch in this process, commits, and hashes the store. */
export const bootAndLook = async (options: BootOptions): Promise<Outcome> => {
  const store = openSwingStore(options.path, options.storeOptions);
  try {
    return await bootStore(store, options);
  } finally {
    await store.hostStorage.close();
  }
};

const source = fileURLToPath(new URL('restart-child.ts', import.meta.url));

/**
 * Starts `restart-child.ts` in its own process group. Its messages report its progress.
 *
 * @param compiled - the same as JavaScript, which starts in a fraction of the time
 */
export const startChild = (order: ChildOrder, compiled?: string): ChildProcess =>
  fork(compiled ?? source, [JSON.stringify(order)], {
    execArgv: compiled === undefined ? ['--import', 'tsx/esm'] : [],
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
  // The last message may come after the end of the process.
  const [[code, signal]] = (await Promise.all([
    once(child, 'exit'),
    once(child, 'disconnect'),
  ])) as [[number | null, NodeJS.Signals | null], unknown];
  if (signal === 'SIGKILL') return { signal };
  if (code === 0 && restarted !== undefined) return { restarted };
  throw Error(`the host ended with ${signal ?? `code ${code}`}`);
};

/** The processes in the group, from `/proc` (Linux). */
export const membersOf = (group: number | undefined): number[] =>
  readdirSync('/proc').flatMap(entry => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const [state, , groupOf] = readFileSync(`/proc/${entry}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return Number(groupOf) === group && state !== 'Z' ? [Number(entry)] : [];
    } catch {
      return [];
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
