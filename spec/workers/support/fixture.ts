import { kser, kunser } from '@agoric/kmarshal';
import { makeNodeWorkerPowers } from '../../../lib/platform/node-powers.js';
import { loadPlatform } from '../../../lib/platform/load-platform.js';
import type { Platform } from '../../../lib/platform/types.js';
import type { WorkerPowers } from '../../../lib/platform/xsnap-process.js';
import type { KernelStorage } from '../../../lib/store/types.js';
import { makeVatID, ROOT_OBJECT_VREF, type VatID, type VRef } from '../../../lib/types/ids.js';
import type {
  CapData,
  VatDelivery,
  VatDeliveryResult,
  VatSyscall,
  VatSyscallHandler,
} from '../../../lib/types/messages.js';
import type { SlogEntry } from '../../../lib/types/slog.js';
import { currentLimits, LIMIT_TABLES, type VatLimits } from '../../../lib/types/vat-limits.js';
import type { HeapRule, VatOptions, WorkerOptions } from '../../../lib/types/vat-options.js';
import type { VatRecord, VatWarehouse, WarehousePolicy } from '../../../lib/workers/types.js';
import { makeVatWarehouse } from '../../../lib/workers/warehouse.js';
import { bundleVat, type VatBundle } from './vats.js';

export const vref = (text: string): VRef => text as VRef;
export const v1 = makeVatID(1);

const asVRefs = (data: CapData): CapData<VRef> => data as CapData<VRef>;

export const startVat = (parameters: unknown = undefined): VatDelivery => [
  'startVat',
  asVRefs(kser(parameters)),
];
export const bringOutYourDead: VatDelivery = ['bringOutYourDead'];

/** A message to the root object, with a result promise. */
export const call = (
  method: string,
  args: unknown[] = [],
  result: VRef = vref('p-60'),
): VatDelivery => [
  'message',
  ROOT_OBJECT_VREF,
  { methargs: asVRefs(kser([method, args])), result },
];

/** The kernel's side of syscalls, as far as these specs need it: a vatstore for each vat. */
export const makeVatKernel = () => {
  const vatstore = new Map<string, string>();
  const syscalls: VatSyscall[] = [];
  const handle: VatSyscallHandler = syscall => {
    syscalls.push(syscall);
    switch (syscall[0]) {
      case 'vatstoreGet':
        return ['ok', vatstore.get(syscall[1]) ?? null];
      case 'vatstoreSet':
        vatstore.set(syscall[1], syscall[2]);
        return ['ok', null];
      case 'vatstoreDelete':
        vatstore.delete(syscall[1]);
        return ['ok', null];
      case 'vatstoreGetNextKey':
        return ['ok', [...vatstore.keys()].sort().find(key => key > syscall[1]) ?? null];
      default:
        return ['ok', null];
    }
  };
  return {
    vatstore,
    syscalls,
    handle,
    /** The value that a promise was resolved to, in any delivery so far. */
    resolution: (vpid: VRef = vref('p-60')): unknown => {
      for (const syscall of [...syscalls].reverse()) {
        if (syscall[0] !== 'resolve') continue;
        const found = syscall[1].find(([resolved]) => resolved === vpid);
        if (!found) continue;
        const [, , { body, slots }] = found;
        return kunser({ body, slots: [...slots] }) as unknown;
      }
      return undefined;
    },
  };
};

export type VatKernel = ReturnType<typeof makeVatKernel>;

const defaultOptions: Omit<VatOptions, 'workerOptions'> = {
  enableSetup: false,
  enablePipelining: false,
  enableDisavow: false,
  useTranscript: true,
  reapDirtThreshold: { never: true },
  critical: false,
};

export interface VatSetup {
  readonly limits?: VatLimits;
  readonly vatID?: VatID;
  /** A vat of `spec/workers/vats`, or a bundle. */
  readonly bundle?: string | VatBundle;
  readonly worker?: 'xsnap' | 'image' | 'local';
  /** For a worker that starts from an image. */
  readonly heapRule?: HeapRule;
  readonly options?: Partial<VatOptions>;
}

export interface FixtureOptions {
  readonly kernelStorage: KernelStorage;
  readonly policy?: WarehousePolicy;
  readonly powers?: WorkerPowers;
  /** Default: the stock one. */
  readonly platform?: Platform;
  readonly onTestLog?: (line: string) => void;
  readonly snapshotInitial?: number;
  readonly snapshotInterval?: number | 'never';
}

export interface Fixture {
  readonly warehouse: VatWarehouse;
  readonly slog: SlogEntry[];
  readonly printed: unknown[][];
  readonly testLog: string[];
  /** Registers the vat, with a new transcript unless it has one. */
  readonly addVat: (setup?: VatSetup) => Promise<VatRecord>;
  readonly kernelOf: (vatID?: VatID) => VatKernel;
  readonly deliver: (delivery: VatDelivery, vatID?: VatID) => Promise<VatDeliveryResult>;
  /** Items of the current span. */
  readonly transcript: (vatID?: VatID) => string[];
}

/** A warehouse on a real store, and the kernel's part played by `makeVatKernel`. */
const makeFixture = async ({
  kernelStorage,
  policy = {},
  powers = makeNodeWorkerPowers(),
  platform: given,
  onTestLog = () => {},
  snapshotInitial = 3,
  snapshotInterval = 200,
}: FixtureOptions): Promise<Fixture> => {
  const platform = given ?? (await loadPlatform());
  const vats = new Map<VatID, VatRecord>();
  const kernels = new Map<VatID, VatKernel>();
  const slog: SlogEntry[] = [];
  const printed: unknown[][] = [];
  const testLog: string[] = [];
  const print = (...args: unknown[]): void => {
    printed.push(args);
  };
  const warehouse = makeVatWarehouse({
    kernelStorage,
    platform,
    records: {
      getVatRecord: vatID => {
        const record = vats.get(vatID);
        if (!record) throw Error(`no vat ${vatID}`);
        return record;
      },
    },
    slog: entry => {
      slog.push(entry);
    },
    console: { log: print, warn: print, error: print },
    testLog: line => {
      testLog.push(line);
      onTestLog(line);
    },
    policy,
    options: {
      relaxDurabilityRules: false,
      snapshotSchedule: { snapshotInitial, snapshotInterval },
    },
    powers,
  });

  const workerOptionsOf = async (
    worker: VatSetup['worker'],
    heapRule: HeapRule | undefined,
  ): Promise<WorkerOptions> => {
    if (worker === 'local') return { type: 'local' };
    const { bundleIDs } = platform;
    if (worker !== 'image') return { type: 'xsnap', bundleIDs };
    return {
      type: 'xsnap',
      bundleIDs,
      imageID: await warehouse.ensurePlatformImage(),
      ...(heapRule && { heapRule }),
    };
  };

  const kernelOf = (vatID: VatID = v1): VatKernel => {
    const kernel = kernels.get(vatID) ?? makeVatKernel();
    kernels.set(vatID, kernel);
    return kernel;
  };

  return {
    warehouse,
    slog,
    printed,
    testLog,
    addVat: async ({
      vatID = v1,
      bundle = 'counter',
      worker = 'xsnap',
      heapRule,
      options,
      limits = currentLimits(LIMIT_TABLES),
    } = {}) => {
      const made = typeof bundle === 'string' ? await bundleVat(bundle) : bundle;
      if (!kernelStorage.bundleStore.hasBundle(made.bundleID)) {
        kernelStorage.bundleStore.addBundle(made.bundleID, made.bundle);
      }
      const record: VatRecord = {
        vatID,
        name: typeof bundle === 'string' ? bundle : undefined,
        source: { bundleID: made.bundleID },
        limits,
        options: {
          ...defaultOptions,
          workerOptions: await workerOptionsOf(worker, heapRule),
          ...options,
        },
      };
      vats.set(vatID, record);
      try {
        kernelStorage.transcriptStore.getCurrentSpanBounds(vatID);
      } catch {
        kernelStorage.transcriptStore.initTranscript(vatID);
      }
      return record;
    },
    kernelOf,
    deliver: (delivery, vatID = v1) => warehouse.deliver(vatID, delivery, kernelOf(vatID).handle),
    transcript: (vatID = v1) => [...kernelStorage.transcriptStore.readSpan(vatID)],
  };
};

/** Fixtures of one `describe`; their workers end after each spec. */
export const useFixtures = (): typeof makeFixture => {
  const made: Fixture[] = [];
  afterEach(async () => {
    for (const { warehouse } of made.splice(0)) await warehouse.shutdown();
  });
  return async options => {
    const fixture = await makeFixture(options);
    made.push(fixture);
    return fixture;
  };
};
