/** What specs of the controller share: fixtures by name, small configurations, stores to look into. */
import { fileURLToPath } from 'node:url';
import { buildVatController } from '../../lib/controller/build-vat-controller.js';
import type { BuiltVatController } from '../../lib/controller/build-vat-controller.js';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import type { BuildVatControllerOptions } from '../../lib/controller/option-types.js';
import type { SwingsetController } from '../../lib/controller/types.js';
import { kunser } from '../../lib/kernel/delivery/kmarshal.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import type { SwingStore } from '../../lib/store/swing-store.js';
import { bundleCachePath } from '../support/bundle-cache.js';
import { failureOf } from '../support/failure.js';

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}.js`, import.meta.url));

/** The system vats that most specs have no use for. */
export const withoutSystemVats = { addComms: false, addVattp: false, addTimer: false } as const;

export const workerTypes = ['local', 'xsnap'] as const;
export type WorkerType = (typeof workerTypes)[number];

export const makeConfig = (worker: WorkerType, more: SwingSetConfig = {}): SwingSetConfig => ({
  bootstrap: 'bootstrap',
  defaultManagerType: worker,
  pinBootstrapRoot: true,
  bundleCachePath,
  vats: {
    bootstrap: { sourceSpec: fixture('bootstrap') },
    counter: { sourceSpec: fixture('counter'), parameters: { start: 'here' } },
  },
  bundles: { counter: { sourceSpec: fixture('counter') } },
  ...more,
});

export interface Swingset extends SwingStore {
  readonly controller: BuiltVatController;
}

const ignore = () => undefined;
/** For vats and kernels that are meant to complain. */
export const silent = { log: ignore, info: ignore, warn: ignore, error: ignore, debug: ignore };

export const makeSwingset = async (
  config: SwingSetConfig,
  argv: unknown = [],
  options: BuildVatControllerOptions = {},
): Promise<Swingset> => {
  const store = initSwingStore();
  const { kernelStorage } = store;
  const bag = { kernelStorage, console: silent, ...withoutSystemVats, ...options };
  // As chains set it. With the default, 1, each delivery of a local vat pays for a collection.
  const whole = { defaultReapInterval: 1000, ...config };
  return { ...store, controller: await buildVatController(whole, argv, bag) };
};

export interface Answer {
  readonly state: string;
  readonly value: unknown;
}

export const answerOf = (controller: SwingsetController, kpid: string): Answer => {
  const state = controller.kpStatus(kpid);
  const settled = state === 'fulfilled' || state === 'rejected';
  return { state, value: settled ? kunser(controller.kpResolution(kpid)) : undefined };
};

/** Sends to a static vat's root and runs until it has answered. */
export const ask = async (
  controller: SwingsetController,
  vatName: string,
  method: string,
  ...args: unknown[]
): Promise<Answer> => {
  const kpid = controller.queueToVatRoot(vatName, method, args);
  await controller.run();
  return answerOf(controller, kpid);
};

/** The error that `action` ends with. */
export const errorOf = async (action: () => unknown): Promise<Error & { code?: string }> =>
  (await failureOf(action)) as Error;
