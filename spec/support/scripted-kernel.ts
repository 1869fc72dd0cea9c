/**
 * A kernel whose vats are functions: the real kernel and tables over a store in memory, and a
 * warehouse without engines. It boots in milliseconds, so mutation tests use it.
 *
 * Vats get their vatIDs in the order of `vats`, from v1. Snapshots are due when a spec says so, and
 * workers that run ahead are recorded, but no vat's turn takes them.
 */
import type { PlanBootOptions } from '../../lib/platform-epoch/plan-boot.js';
import { startKernel } from '../../lib/platform-epoch/start-kernel.js';
import type { EpochKernel } from '../../lib/platform-epoch/start-kernel.js';
import type { VatCreationOptions } from '../../lib/kernel/initial-config.js';
import { initializeKernelState } from '../../lib/kernel/initialize.js';
import { makeKernel } from '../../lib/kernel/kernel.js';
import { kunser } from '../../lib/kernel/delivery/kmarshal.js';
import type { WarehousePorts } from '../../lib/kernel/powers.js';
import type { KernelParts } from '../../lib/kernel/types.js';
import { STOCK } from '../../lib/platform/choices.js';
import type { Platform } from '../../lib/platform/types.js';
import { checkKernelState } from '../../lib/state/check-kernel-state.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import type { KernelStorage } from '../../lib/store/types.js';
import { parseBundleID, type BundleID, type KRef, type VatID } from '../../lib/types/ids.js';
import type {
  CapData,
  VatDelivery,
  VatDeliveryResult,
  VatSyscallHandler,
} from '../../lib/types/messages.js';
import type { WorkerDeathPolicy } from '../../lib/types/policies.js';
import type { SlogEntry, SlogSender } from '../../lib/types/slog.js';
import type { VatWarehouse } from '../../lib/workers/types.js';

export interface Turn {
  readonly vatID: VatID;
  readonly incarnation: number;
  readonly delivery: VatDelivery;
  readonly syscall: VatSyscallHandler;
}

/** What a vat does. Without a result, the delivery went well and cost 100 computrons. */
export type Code = (turn: Turn) => VatDeliveryResult | void;

export interface ScriptedVat {
  readonly code?: Code;
  readonly options?: VatCreationOptions;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** The bundleID of code: a vat's own has the vat's name. */
export const codeID = (name: string): BundleID =>
  parseBundleID(`b1-${Buffer.from(name).toString('hex').padEnd(128, '0')}`);

const nameOfCode = (bundleID: BundleID): string =>
  Buffer.from(bundleID.slice('b1-'.length), 'hex').toString().replace(/\0+$/, '');

export const makePlatform = (engine: string): Platform => {
  const bundleIDs = [codeID('lockdown'), codeID('supervisor')] as const;
  const [lockdown, supervisor] = bundleIDs;
  const bundle = { moduleFormat: 'getExport', source: '' } as const;
  return {
    fingerprint: { ...STOCK, engine, lockdown, supervisor },
    bundleIDs,
    bundles: [bundle, bundle],
  } as unknown as Platform;
};

export const valueOf = ({ body, slots }: CapData): unknown =>
  kunser({ body, slots: slots as readonly KRef[] });

/** The method of a delivered message. */
export const methodOf = (delivery: VatDelivery): unknown =>
  delivery[0] === 'message' ? (valueOf(delivery[2].methargs) as unknown[])[0] : undefined;

/** Fails at each start but the first. */
export const failsLater: Code = ({ incarnation, delivery }) =>
  delivery[0] === 'startVat' && incarnation > 0 ? ['error', 'one life is enough', null] : undefined;

export interface ScriptedOptions {
  readonly vats: Readonly<Record<string, ScriptedVat>>;
  readonly worker?: 'local' | 'xsnap';
  /** For kernels that panic. */
  readonly checkAtEnd?: boolean;
}

export interface BootOptions extends PlanBootOptions {
  readonly engine?: string;
  readonly onWorkerDeath?: WorkerDeathPolicy;
  readonly faultPoint?: (name: string) => void | Promise<void>;
  /** Gets the entries as well. */
  readonly slogSender?: SlogSender;
}

export interface ScriptedKernel {
  readonly kernelStorage: KernelStorage;
  /** Code by name. A spec may add and replace some. */
  readonly code: Record<string, Code>;
  /** Vats whose snapshot is due. */
  readonly due: Set<string>;
  /** Replaces the saving of a snapshot. */
  saveSnapshot: (vatID: VatID) => boolean;
  /** Each delivery, as `v3.1 startVat`: vatID, incarnation, type. `ahead v3.1 …` if run ahead. */
  readonly told: string[];
  readonly slog: SlogEntry[];
  readonly console: string[];
  readonly warnings: string[];
  readonly parts: KernelParts;
  readonly kernel: EpochKernel;
  /** Shuts the kernel down, commits, and starts another one on the same store. */
  boot(options?: BootOptions): Promise<EpochKernel>;
  readonly idOf: (name: string) => VatID;
}

const kernels = new Set<() => Promise<void>>();

afterEach('check and close the scripted kernels of this test', async () => {
  const ends = await Promise.allSettled([...kernels].map(end => end()));
  kernels.clear();
  const failed = ends.find(end => end.status === 'rejected');
  if (failed) throw failed.reason;
});

const makeWarehouse = (scripted: ScriptedKernel, { records }: WarehousePorts): VatWarehouse => {
  const { told } = scripted;
  const { transcriptStore, snapStore } = scripted.kernelStorage;
  const run = (at: string, turn: Turn): VatDeliveryResult => {
    const { vatID, incarnation, delivery } = turn;
    told.push(`${at}${vatID}.${incarnation} ${delivery[0]}`);
    const { bundleID } = records.getVatRecord(vatID).source;
    return scripted.code[nameOfCode(bundleID)]?.(turn) ?? ['ok', null, { compute: 100 }];
  };
  const incarnationOf = (vatID: VatID) => transcriptStore.getCurrentSpanBounds(vatID).incarnation;
  const hasTranscript = (vatID: VatID) => records.getVatRecord(vatID).options.useTranscript;
  const add = (vatID: VatID, entry: unknown) => {
    transcriptStore.addItem(vatID, JSON.stringify(entry));
  };
  return {
    startIncarnation: async vatID => {
      if (hasTranscript(vatID)) add(vatID, { d: ['initialize-worker'], sc: [], r: {} });
    },
    deliver: async (vatID, delivery, syscall) => {
      const result = run('', { vatID, incarnation: incarnationOf(vatID), delivery, syscall });
      if (hasTranscript(vatID)) add(vatID, { d: delivery, sc: [], r: { status: result[0] } });
      return result;
    },
    endIncarnation: async vatID => {
      add(vatID, { d: ['shutdown-worker'], sc: [], r: {} });
      const next = transcriptStore.rolloverIncarnation(vatID);
      snapStore.stopUsingLastSnapshot(vatID);
      return next;
    },
    getIncarnation: incarnationOf,
    isSnapshotDue: vatID => scripted.due.has(vatID),
    saveSnapshot: async vatID => scripted.saveSnapshot(vatID),
    heapSize: () => undefined,
    stopWorker: async () => undefined,
    preload: async vatIDs => void told.push(`preload ${vatIDs.join(' ')}`.trim()),
    ensurePlatformImage: async () => 'none',
    ahead: {
      startFresh: async ({ vatID }, incarnation) => ({
        deliver: async (delivery, syscall) =>
          run('ahead ', { vatID, incarnation, delivery, syscall }),
        shutdown: async () => undefined,
      }),
      run: async (vatID, task) => {
        await task().catch(() => void told.push(`withdraw ${vatID}`));
      },
      withdraw: async vatID => void told.push(`withdraw ${vatID}`),
      withdrawAll: async () => undefined,
      shutdown: async () => undefined,
    },
    isOnline: () => false,
    onlineCount: () => 0,
    setSnapshotSchedule: () => undefined,
    shutdown: async () => undefined,
  };
};

/** A store with these vats, and a kernel that has been booted once but has run nothing. */
export const startScripted = async (
  { vats, worker = 'local', checkAtEnd = true }: ScriptedOptions,
  first: BootOptions = { platformEpoch: 1 },
): Promise<ScriptedKernel> => {
  const { kernelStorage, hostStorage } = initSwingStore(null);
  await initializeKernelState(
    {
      vats: Object.fromEntries(
        Object.entries(vats).map(([name, { options, parameters }]) => [
          name,
          {
            bundleID: codeID(name),
            ...(parameters && { parameters }),
            ...(options && { creationOptions: options }),
          },
        ]),
      ),
      devices: {},
      namedBundleIDs: {},
      defaultManagerType: worker,
      defaultReapDirtThreshold: { never: true },
      snapshotInitial: 3,
      snapshotInterval: 'never',
      computronLimit: 'never',
      relaxDurabilityRules: false,
      pinBootstrapRoot: false,
      argv: [],
    },
    kernelStorage,
    { platform: makePlatform('engine 1') },
  );
  const lines: string[] = [];
  const write = (...args: unknown[]) => void lines.push(args.map(String).join(' '));
  let parts: KernelParts | undefined;
  let kernel: EpochKernel | undefined;
  const insist = <T>(made: T | undefined): T => {
    if (made === undefined) throw Error('not booted');
    return made;
  };
  const scripted: ScriptedKernel = {
    kernelStorage,
    code: Object.fromEntries(
      Object.entries(vats).map(([name, { code = () => undefined }]) => [name, code]),
    ),
    due: new Set(),
    saveSnapshot: () => true,
    told: [],
    slog: [],
    console: lines,
    warnings: [],
    get parts() {
      return insist(parts);
    },
    get kernel() {
      return insist(kernel);
    },
    boot: async (given = {}) => {
      const { engine = 'engine 1', onWorkerDeath, faultPoint, slogSender, ...options } = given;
      await kernel?.shutdown();
      await hostStorage.commit();
      let clock = 0;
      const unstarted = makeKernel({
        kernelStorage,
        makeWarehouse: ports => makeWarehouse(scripted, ports),
        platform: makePlatform(engine),
        findImage: async () => undefined,
        slog: {
          sender: entry => {
            scripted.slog.push(entry);
            slogSender?.(entry);
          },
        },
        // Each look at the clock takes a millisecond.
        now: () => (clock += 1),
        console: { log: write, warn: write, error: write },
        startDevice: async () => {
          throw Error('no devices');
        },
        deviceEndowments: {},
        ...(onWorkerDeath && { onWorkerDeath }),
        ...(faultPoint && { faultPoint }),
      });
      parts = unstarted.parts;
      kernel = await startKernel(unstarted, {
        warn: message => void scripted.warnings.push(message),
        ...options,
      });
      return kernel;
    },
    idOf: name => {
      const vatID = insist(parts).lifecycle.state.vats.findByName(name);
      if (vatID === undefined) throw Error(`no vat ${name}`);
      return vatID;
    },
  };
  kernels.add(async () => {
    await kernel?.shutdown();
    const found = checkAtEnd ? checkKernelState(kernelStorage, { hostHeld: 'unknown' }) : [];
    await hostStorage.close();
    const findings = found.filter(({ problem }) => !problem.startsWith('the bundleStore lacks '));
    if (findings.length > 0) throw Error(`inconsistent: ${JSON.stringify(findings)}`);
  });
  await scripted.boot(first);
  return scripted;
};
