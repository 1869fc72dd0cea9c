/**
 * Random stores, what a rehearsal forecasts for each, and what then really happens to it. The two
 * are observed by different means: the forecast by the rehearsal's slog, the real restart by errors
 * and `getStatus`.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { crankCounter } from '../../../lib/controller/run-policies.js';
import { makeSwingsetController } from '../../../lib/controller/make-controller.js';
import { rehearsePlatformEpoch } from '../../../lib/host/rehearse-platform-epoch.js';
import {
  CriticalVatError,
  KernelPanicError,
  VatStateError,
} from '../../../lib/kernel/delivery/errors.js';
import { kslot } from '../../../lib/kernel/delivery/kmarshal.js';
import type { SwingsetController } from '../../../lib/controller/types.js';
import type { VatRestartResult } from '../../../lib/platform-epoch/types.js';
import { openSwingStore, type SwingStore } from '../../../lib/store/swing-store.js';
import type { FailurePolicy, PlatformRestartMode } from '../../../lib/types/platform-epoch.js';
import { makeRandom, type Random } from '../../support/random.js';
import { withBundles } from '../../support/shared-bundles.js';
import { makeTempDir, startLife } from '../../support/swingset.js';
import { makeConfig } from './fixture.js';

const NAMES = ['carol', 'dave', 'erin', 'frank'] as const;
const MODES: readonly PlatformRestartMode[] = ['eager', 'lazy', 'rolling'];

export interface Plan {
  readonly path: string;
  readonly mode: PlatformRestartMode;
  readonly onVatFailure: FailurePolicy;
  readonly blocks: number;
  readonly cranksPerBlock: number;
}

/** What a vat does at its second start. */
const pickFate = (random: Random): Record<string, unknown> =>
  random.pick([{}, {}, { failInLife: 1 }, { exitInLife: 1 }, { exitWithFailureInLife: 1 }]) ?? {};

/** A closed store in the temporary directory of this test. The same seed makes the same store. */
export const makeRandomStore = async (seed: number): Promise<Plan> => {
  const random = makeRandom(seed);
  const path = join(makeTempDir(), 'store');
  const life = await startLife({
    config: await withBundles(makeConfig(random.chance(20) ? { bob: pickFate(random) } : {})),
    worker: 'local',
    store: { path },
    platformEpoch: 1,
  });
  await life.run();
  const made = NAMES.slice(0, 2 + random.below(3));
  for (const name of made) {
    const critical = random.chance(15);
    await life.call('boot', 'create', name, { vatParameters: pickFate(random), critical });
  }
  // Objects that end with their vats, and some that don't, in the hands of others; open promises.
  for (let index = random.below(5); index > 0; index -= 1) {
    const method = random.pick(['getThing', 'getEphemeral', 'never']) ?? 'never';
    const [from, to] = [random.pick(made), random.pick(made)];
    life.controller.queueToVatRoot('boot', 'introduce', [from, method, to, `${method} ${index}`]);
  }
  await life.run();
  const queued = random.below(8);
  for (let index = 0; index < queued; index += 1) {
    const method = random.pick(['bump', 'bump', 'lives', 'die']);
    life.controller.queueToVatRoot('boot', 'sendOnly', [random.pick(made), method]);
  }
  await life.hostStorage.commit();
  await life.close();
  return {
    path,
    mode: MODES[seed % MODES.length] ?? 'eager',
    onVatFailure: random.pick(['suspend', 'suspend', 'terminate', 'panic']) ?? 'suspend',
    blocks: random.below(5),
    cranksPerBlock: 1 + random.below(6),
  };
};

type Fate = 'suspended' | 'terminated' | 'panic';

type Turn = Omit<VatRestartResult, 'ms'>;

export interface History {
  /** One for each vat. Undefined if the boot failed. */
  readonly turns: readonly Turn[] | undefined;
  /** Vats that failed after the restart, with the block in which they did. */
  readonly late: Readonly<
    Record<string, { readonly fate: Fate; readonly block: number | undefined }>
  >;
}

/** All that a report says of a vat's turn, but for the time that it took. */
const turnOf = (turn: VatRestartResult): Turn => ({
  vatID: turn.vatID,
  name: turn.name,
  result: turn.result,
  error: turn.error,
  computrons: turn.computrons,
  incarnation: turn.incarnation,
  promisesRejected: turn.promisesRejected,
  objectsAbandoned: turn.objectsAbandoned,
  objectsHeld: turn.objectsHeld,
  abandonedHeld: turn.abandonedHeld,
  importsReclaimed: turn.importsReclaimed,
  rowsReclaimed: turn.rowsReclaimed,
  parameters: turn.parameters,
  sleeps: turn.sleeps,
});

const policyOf = ({ cranksPerBlock }: Plan) => crankCounter(cranksPerBlock, 10, true);

/** A hash of each file of the store, by name. */
const hashFiles = (directory: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(directory).map(name => [
      name,
      createHash('sha256')
        .update(readFileSync(join(directory, name)))
        .digest('hex'),
    ]),
  );

/** @throws Error if the rehearsal changed a byte of the store, or left a file beside it */
export const forecast = async (plan: Plan): Promise<History> => {
  const { path, mode, onVatFailure, blocks } = plan;
  const before = hashFiles(path);
  const report = await rehearsePlatformEpoch(path, {
    platformEpoch: 2,
    platformRestart: { mode, onVatFailure },
    blocks,
    runPolicy: () => policyOf(plan),
  });
  if (!isDeepStrictEqual(hashFiles(path), before))
    throw Error('the rehearsal changed its original');
  const failures = report.canary?.lateFailures ?? [];
  return {
    turns: report.problem === undefined ? report.vats.map(turnOf) : undefined,
    late: Object.fromEntries(
      failures.map(({ vatID, result, block }) => [vatID, { fate: result, block }]),
    ),
  };
};

const quiet = () => undefined;

/** A host that commits after each block, and reopens its store after a panic. */
class RealHost {
  readonly #plan: Plan;
  readonly #late: Record<string, { fate: Fate; block: number | undefined }> = {};
  #store: SwingStore;
  #controller: SwingsetController | undefined;
  #before = new Set<string>();

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#store = openSwingStore(plan.path);
  }

  get controller(): SwingsetController {
    if (!this.#controller) throw Error('not booted');
    return this.#controller;
  }

  get late() {
    return this.#late;
  }

  async boot(): Promise<void> {
    const { mode, onVatFailure } = this.#plan;
    this.#controller = await makeSwingsetController({
      kernelStorage: this.#store.kernelStorage,
      platformEpoch: 2,
      platformRestart: { mode, onVatFailure },
      console: { log: quiet, info: quiet, warn: quiet, error: quiet, debug: quiet },
    });
    await this.#store.hostStorage.commit();
    this.#before = new Set(this.#working());
  }

  async close(): Promise<void> {
    await this.#controller?.shutdown();
    await this.#store.hostStorage.close();
  }

  /** Vats that have not failed. */
  #working(): string[] {
    return this.controller
      .getStatus()
      .activeVats.filter(({ suspended }) => suspended?.error === undefined)
      .map(({ id }) => id);
  }

  sleeping(): string[] {
    return this.controller
      .getStatus()
      .activeVats.filter(
        ({ suspended }) =>
          suspended?.suspended && !suspended.paused && suspended.error === undefined,
      )
      .map(({ id }) => id);
  }

  #noteFailures(block: number | undefined): void {
    const { activeVats } = this.controller.getStatus();
    const working = new Set(this.#working());
    for (const vatID of this.#before) {
      if (working.has(vatID)) continue;
      const fate = activeVats.some(({ id }) => id === vatID) ? 'suspended' : 'terminated';
      this.#late[vatID] ??= { fate, block };
    }
    this.#before = working;
  }

  /** @returns whether the kernel panicked. The store is then that of the last commit. */
  async work(block: number | undefined, action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action();
      await this.#store.hostStorage.commit();
      this.#noteFailures(block);
      return false;
    } catch (error) {
      if (!(error instanceof KernelPanicError)) throw error;
      const { cause } = error;
      if (!(cause instanceof CriticalVatError || cause instanceof VatStateError)) throw error;
      this.#late[cause.vatID] ??= { fate: 'panic', block };
      await this.close();
      this.#store = openSwingStore(this.#plan.path);
      await this.boot();
      return true;
    }
  }
}

/** Restarts the store itself. Then it runs the blocks, and sends a message to each sleeping vat. */
export const restartForReal = async (plan: Plan): Promise<History> => {
  const host = new RealHost(plan);
  try {
    try {
      await host.boot();
    } catch {
      return { turns: undefined, late: {} };
    }
    const turns = host.controller.getPlatformRestartReport()?.vats.map(turnOf);
    for (let block = 1; block <= plan.blocks; block += 1) {
      const hasPanicked = await host.work(block, () => host.controller.run(policyOf(plan)));
      // Its operator looks at the vats that still sleep before it goes on.
      if (hasPanicked) break;
    }
    if (plan.mode !== 'eager') {
      for (const vatID of host.sleeping()) {
        // A vat that woke or ended meanwhile has nothing left to show.
        if (!host.sleeping().includes(vatID)) continue;
        await host.work(undefined, async () => {
          const root = host.controller.getRootObject(vatID);
          host.controller.queueToVatObject(kslot(root), 'lives', [], 'none');
          await host.controller.resumeVat(vatID as never).catch((error: unknown) => {
            if (error instanceof KernelPanicError) throw error;
          });
        });
      }
    }
    return { turns, late: host.late };
  } finally {
    await host.close();
  }
};
