/**
 * One swingset through several lives, for specs: the real controller over a real store.
 *
 *   const life = await startLife({ config, worker: 'local' });
 *   await life.call('alice', 'hello');
 *   await life.reboot({ platformEpoch: 2 });
 *
 * When a test ends, the tables of its kernels are checked, and checked again after all queued work
 * has run. Then everything is shut down, closed and deleted.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kunser } from '@agoric/kmarshal';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { readControllerArgs } from '../../lib/controller/controller-args.js';
import { bootController, makeSwingsetController } from '../../lib/controller/make-controller.js';
import type {
  DeviceEndowments,
  InitializationOptions,
  SwingsetRuntimeOptions,
} from '../../lib/controller/option-types.js';
import type { SwingsetController } from '../../lib/controller/types.js';
import { pickPlatform } from '../../lib/platform-epoch/platform-options.js';
import type { RunPolicy } from '../../lib/types/policies.js';
import { checkKernelState } from '../../lib/state/check-kernel-state.js';
import type { SwingStoreOptions } from '../../lib/store/options.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import type { SwingStore } from '../../lib/store/swing-store.js';
import type { HostStorage, KernelStorage } from '../../lib/store/types.js';
import type { CapData } from '../../lib/types/messages.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import { currentLimits, LIMIT_TABLES, type VatLimits } from '../../lib/types/vat-limits.js';
import type { ManagerType } from '../../lib/types/vat-options.js';
import type { TranscriptEntry } from '../../lib/workers/transcript.js';
import { bundleCachePath } from './bundle-cache.js';
import { initialize, makeInitializedStore, type Initialization } from './initialized-stores.js';

/** Options that may change from one life to the next. */
export interface RebootOptions extends Omit<SwingsetRuntimeOptions, 'console' | 'slogSender'> {
  readonly deviceEndowments?: DeviceEndowments;
}

export interface LifeOptions extends RebootOptions {
  /** Make paths of sources with `sourceOf`. */
  readonly config: SwingSetConfig;
  /** Default manager type of the configuration. */
  readonly worker?: ManagerType;
  /**
   * Default: `memory`. `directory`: a new directory, deleted after the test. A path: that
   * directory, which the test deletes. A store: that store, initialized or not.
   */
  readonly store?: 'memory' | 'directory' | SwingStore | { readonly path: string };
  readonly storeOptions?: SwingStoreOptions;
  readonly argv?: readonly string[];
  /** By default without comms, vattp and timer. */
  readonly initialization?: InitializationOptions;
  /** Replaces some of the real limits. */
  readonly limits?: Partial<VatLimits>;
  /** Check the kernel's tables when the test ends. Default true. Use false if a kernel panics. */
  readonly checkAtEnd?: boolean;
}

export interface Life {
  /** The current controller. A reboot replaces it and, in a directory, the store. */
  readonly controller: SwingsetController;
  readonly store: SwingStore;
  readonly hostStorage: HostStorage;
  readonly kernelStorage: KernelStorage;
  /** The kpid for the result of `bootstrap`. */
  readonly bootstrapResult: string | undefined;
  /** Entries of all lives. A test may empty this, and `console`. */
  readonly slog: SlogEntry[];
  readonly console: string[];

  /** Runs and commits. Resolves to the number of cranks. */
  run(policy?: RunPolicy): Promise<number>;
  /** Queues a message to a static vat's root, runs, commits, and returns the result's value. */
  call(vatName: string, method: string | symbol, ...args: unknown[]): Promise<unknown>;
  /** The value of a promise. @throws its rejection, or an Error while it is unresolved */
  resultOf(kpid: string | undefined): unknown;
  /** Shuts down, commits, and boots again on the same store. Reopens a store in a directory. */
  reboot(options?: RebootOptions): Promise<void>;
  /** Like `reboot`, without a commit. Only for stores in a directory. */
  crash(options?: RebootOptions): Promise<void>;
  /** Throws if the kernel's tables are inconsistent; see `checkKernelState`. */
  check(options?: { readonly quiescent?: boolean }): void;
  /** Checks and closes, as the end of the test does. */
  finish(): Promise<void>;
  /** Transcript of the vat's current span. */
  transcript(vatID: string): TranscriptEntry[];
  close(): Promise<void>;
}

/** The path of a vat's source beside the spec: `sourceOf(import.meta.url, 'vats/alice.js')`. */
export const sourceOf = (specURL: string, relative: string): string =>
  fileURLToPath(new URL(relative, specURL));

const directories = new Set<string>();

/** A new directory, deleted when the test ends. */
export const makeTempDir = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'swingset-kernel-spec-'));
  directories.add(path);
  return path;
};

interface OpenedStore {
  readonly store: SwingStore;
  /** False for one that held a kernel before. */
  readonly isNew: boolean;
  readonly bootstrapResult?: string | undefined;
}

const isStore = (given: NonNullable<LifeOptions['store']>): given is SwingStore =>
  typeof given === 'object' && 'kernelStorage' in given;

const pathOf = (given: NonNullable<LifeOptions['store']>): string | undefined => {
  if (given === 'memory' || isStore(given)) return undefined;
  return given === 'directory' ? join(makeTempDir(), 'store') : given.path;
};

const openStore = async (
  given: NonNullable<LifeOptions['store']>,
  path: string | undefined,
  options: SwingStoreOptions | undefined,
  initialization: Initialization,
): Promise<OpenedStore> => {
  const isAbsent = !isStore(given) && (path === undefined || !existsSync(path));
  if (isAbsent && options === undefined) {
    return { ...(await makeInitializedStore(path, initialization)), isNew: true };
  }
  const open = () =>
    path === undefined ? initSwingStore(null, options) : openSwingStore(path, options);
  const store = isStore(given) ? given : open();
  if (store.kernelStorage.kvStore.has('version')) return { store, isNew: false };
  return { store, isNew: true, bootstrapResult: await initialize(store, initialization) };
};

const limitTables = (changed: Partial<VatLimits>) => ({
  1: { ...currentLimits(LIMIT_TABLES), ...changed },
});

const withoutBuiltins: InitializationOptions = {
  addComms: false,
  addVattp: false,
  addTimer: false,
};

const lives = new Set<Life>();

/** Records the objects that the host holds after `kpResolution`, because the store does not. */
const noteHeldObjects = (
  controller: SwingsetController,
  isOfInterest: (kpid: string) => boolean,
  hold: (kref: string) => void,
): SwingsetController => {
  return {
    ...controller,
    kpResolution: (kpid, options) => {
      const holdsMore = isOfInterest(kpid) && options?.incref !== false;
      const data = controller.kpResolution(kpid, options);
      if (holdsMore) data.slots.filter(kref => kref.startsWith('ko')).forEach(hold);
      return data;
    },
  };
};

const valueOf = (data: CapData): unknown => kunser({ body: data.body, slots: [...data.slots] });

/** Initializes the store if it is new, and boots. Runs no queued work. */
export const startLife = async (options: LifeOptions): Promise<Life> => {
  const {
    config,
    worker,
    store: given = 'memory',
    storeOptions,
    argv = [],
    initialization,
    checkAtEnd = true,
    limits,
    ...first
  } = options;
  const path = pathOf(given);
  const opened = await openStore(given, path, storeOptions, {
    config: {
      bundleCachePath,
      // As chains set it. With the default, 1, each delivery of a local vat pays for a collection.
      defaultReapInterval: 1000,
      ...config,
      ...(worker && { defaultManagerType: worker }),
    },
    argv,
    options: { ...withoutBuiltins, ...pickPlatform(first), ...initialization },
    ...(first.platformEpoch !== undefined && { platformEpoch: first.platformEpoch }),
  });
  const { isNew, bootstrapResult } = opened;
  let { store } = opened;
  const slog: SlogEntry[] = [];
  const lines: string[] = [];
  const write = (...args: unknown[]) => void lines.push(args.map(String).join(' '));
  const quiet = { log: write, info: write, warn: write, error: write, debug: write };

  let held = new Map<string, number>();
  let heldAtCommit = new Map<string, number>();
  const hold = (kref: string) => void held.set(kref, (held.get(kref) ?? 0) + 1);
  const commit = async () => {
    await store.hostStorage.commit();
    heldAtCommit = new Map(held);
  };

  let running = false;
  const boot = async ({ deviceEndowments = {}, ...runtime }: RebootOptions) => {
    const runtimeOptions = {
      ...runtime,
      console: quiet,
      slogSender: (entry: SlogEntry) => void slog.push(entry),
    };
    const given = [store.kernelStorage, deviceEndowments, runtimeOptions] as const;
    const made = limits
      ? await bootController(readControllerArgs([...given]), { limits: limitTables(limits) })
      : await makeSwingsetController(...given);
    running = true;
    const { kvStore } = store.kernelStorage;
    return {
      ...noteHeldObjects(made, kpid => kvStore.has(`${kpid}.hostInterest`), hold),
      shutdown: async () => {
        running = false;
        await made.shutdown();
      },
    };
  };
  let controller = await boot(first);
  let endowments = first.deviceEndowments ?? {};

  const again = async (next: RebootOptions) => {
    if (path !== undefined) {
      await store.hostStorage.close();
      store = openSwingStore(path, storeOptions);
    }
    endowments = next.deviceEndowments ?? endowments;
    const { platformEpoch: _onlyOnce, ...kept } = first;
    controller = await boot({ ...kept, ...next, deviceEndowments: endowments });
  };

  const life: Life = {
    get controller() {
      return controller;
    },
    get store() {
      return store;
    },
    get hostStorage() {
      return store.hostStorage;
    },
    get kernelStorage() {
      return store.kernelStorage;
    },
    bootstrapResult,
    slog,
    console: lines,
    run: async policy => {
      const cranks = await controller.run(policy);
      await commit();
      return cranks;
    },
    call: async (vatName, method, ...args) => {
      const kpid = controller.queueToVatRoot(vatName, method, args);
      await life.run();
      return life.resultOf(kpid);
    },
    resultOf: kpid => {
      if (kpid === undefined) throw Error('no promise');
      const status = controller.kpStatus(kpid);
      if (status === 'unresolved') throw Error(`${kpid} is unresolved`);
      // Reading ends the host's interest, but a test may read twice.
      controller.kpRegisterInterest(kpid);
      const value = valueOf(controller.kpResolution(kpid, { incref: false }));
      if (status === 'rejected') throw value;
      return value;
    },
    reboot: async (next = {}) => {
      await controller.shutdown();
      await commit();
      await again(next);
    },
    crash: async (next = {}) => {
      if (path === undefined) throw Error('only a store in a directory can crash');
      await controller.shutdown();
      held = new Map(heldAtCommit);
      await again(next);
    },
    check: ({ quiescent = false } = {}) => {
      const hostHeld = isNew ? held : 'unknown';
      const findings = checkKernelState(store.kernelStorage, { quiescent, hostHeld });
      const listed = findings.map(({ kind, key, problem }) => `${kind}: ${key}: ${problem}`);
      if (listed.length > 0) throw Error(`kernel state is inconsistent:\n${listed.join('\n')}`);
    },
    finish: async () => {
      try {
        if (checkAtEnd) {
          life.check();
          if (running) {
            await controller.run();
            life.check({ quiescent: true });
          }
        }
      } finally {
        await life.close();
      }
    },
    transcript: vatID =>
      [...store.kernelStorage.transcriptStore.readSpan(vatID)].map(
        item => JSON.parse(item) as TranscriptEntry,
      ),
    close: async () => {
      lives.delete(life);
      await controller.shutdown();
      await store.hostStorage.close();
    },
  };
  lives.add(life);
  return life;
};

/** Applies to every spec of the mocha run. */
afterEach('check and close the lives of this test', async () => {
  const ends = await Promise.allSettled([...lives].map(life => life.finish()));
  for (const path of directories) rmSync(path, { recursive: true, force: true });
  directories.clear();
  const failed = ends.find(end => end.status === 'rejected');
  if (failed) throw failed.reason;
});
