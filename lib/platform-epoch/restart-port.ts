/** The kernel as `lib/platform-epoch` sees it while it is being started. */
import type { KernelParts } from '../kernel/types.js';
import type { Platform } from '../platform/types.js';
import type { PlatformEpochTable } from '../state/platform-epochs.js';
import { recountGauges } from '../state/gauges.js';
import {
  compareIDs,
  parseKRef,
  type BundleID,
  type KRef,
  type ObjectKRef,
  type VatID,
} from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import { findFlaw } from '../types/readable-data.js';
import { findAbandonedHeld } from './abandoned-held.js';
import { standingOf, type VatStanding } from '../kernel/vats/fate.js';
import { outlivesWorkers } from '../kernel/vats/incarnation.js';
import { adoptCurrentPlatform } from '../kernel/vats/vat-options.js';
import { findExcess } from '../kernel/delivery/capdata-limits.js';
import { kser } from '../kernel/delivery/kmarshal.js';
import { emptyCrank } from '../kernel/delivery/outcome.js';
import { isLoadable } from './loadable.js';
import { countQueued, type QueuedEvents } from './queued-events.js';
import { restartVat, type RestartedVat, type VatRestartRequest } from './restart-vat.js';
import { runAhead } from './run-ahead.js';
import { isUnborn } from '../kernel/vats/unborn.js';
import type { SlogSender } from '../types/slog.js';
import type { AbandonedObjects } from './types.js';

export interface LiveVat extends VatStanding {
  readonly vatID: VatID;
  readonly name: string | undefined;
  readonly isStatic: boolean;
  readonly bundleID: BundleID;
  readonly incarnation: number;
}

/**
 * What `lib/platform-epoch` needs of a kernel that is being started: nothing runs yet but the
 * devices. Each `restartVat` and each `writeLedger` is a crank of its own.
 */
export interface PlatformRestartPort {
  readonly epochs: PlatformEpochTable;
  readonly platform: Platform;
  readonly crankNumber: number;
  /** By number, so static ones come first. */
  liveVats(): readonly LiveVat[];
  /** False once the start of another vat has ended it. */
  isLive(vatID: VatID): boolean;
  /**
   * What the present incarnation of an xsnap vat is bound to; its engine is undefined where nothing
   * says. Undefined for `local` vats and for those between incarnations.
   */
  boundTo(vatID: VatID): { readonly engine: string | undefined } | undefined;
  /** Can the running engine still load the vat's worker? A function of what is recorded. */
  isLoadable(vatID: VatID): boolean;
  /** A value as a vat's parameters, or what was expected instead. Marshalled data stays as it is. */
  readParameters(value: unknown): { readonly data: CapData<KRef> } | { readonly expected: string };
  /** Events that a run of the kernel would deliver. */
  countQueued(): QueuedEvents;
  /** What the vat has retained for its next start. */
  getParameters(vatID: VatID): CapData<KRef> | undefined;
  /** Inside `writeLedger`: replaces what the vat has retained, and moves the references. */
  setParameters(vatID: VatID, parameters: CapData<KRef>): void;
  /** Is the event of the vat's first life still in the queue? */
  isUnborn(vatID: VatID): boolean;
  /** False for a vat without a transcript, which is started once and for all. */
  takesParameters(vatID: VatID): boolean;
  /** Inside `writeLedger`: notes the engine that the host assumes for a vat of which nothing says it. */
  recordEngine(vatID: VatID): void;
  restartVat(request: VatRestartRequest): Promise<RestartedVat>;
  /** Who still holds what the vats abandoned; see `findAbandonedHeld`. */
  findAbandonedHeld(
    abandoned: ReadonlyMap<VatID, readonly ObjectKRef[]>,
  ): ReadonlyMap<VatID, AbandonedObjects>;
  /** Does what takes time in `restartVat` before the vat's turn, beside others. */
  runAhead(request: VatRestartRequest): Promise<void>;
  /** Ends what runs ahead; nothing does any more. */
  stopAhead(): Promise<void>;
  /** Inside `writeLedger`: makes the gauges of the statistics exact. */
  recountGauges(): void;
  /** Inside `writeLedger`: a vat that has never run is to start on the running platform. */
  adoptPlatform(vatID: VatID): void;
  writeLedger(type: string, write: (epochs: PlatformEpochTable) => void): Promise<void>;
  readonly slog: SlogSender;
  readonly now: () => number;
  readonly faultPoint: (name: string) => void | Promise<void>;
}

const isCapData = (value: unknown): value is CapData<string> => {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false;
  const { body, slots } = value as Partial<CapData<string>>;
  return typeof body === 'string' && Array.isArray(slots);
};

/** Marshals what a host passes, unless it has done so itself. @throws for what can't be passed */
const marshal = (value: unknown): CapData<KRef> => {
  if (!isCapData(value)) return kser(value);
  if (findFlaw(value) !== undefined) throw TypeError('not marshalled data');
  return { body: value.body, slots: value.slots.map(slot => parseKRef(slot)) };
};

export const makeRestartPort = (
  parts: KernelParts,
  assumeEngine: string | undefined,
): PlatformRestartPort => {
  const { lifecycle, cranks, now, faultPoint } = parts;
  const { state, platform, kernelStorage, warehouse, slog } = lifecycle;
  const assumedEngine = assumeEngine === 'installed' ? platform.fingerprint.engine : assumeEngine;
  return {
    epochs: state.platformEpochs,
    platform,
    get crankNumber() {
      return state.crankNumber;
    },
    liveVats: () => {
      const dynamic = new Set(state.vats.dynamicIDs());
      return state.vats
        .allIDs()
        .map(vatID => {
          const { name } = state.vats.getOptions(vatID);
          const standing = standingOf(state, vatID);
          const isStatic = !dynamic.has(vatID);
          const { bundleID } = state.vats.getSource(vatID);
          const incarnation = warehouse.getIncarnation(vatID);
          return { vatID, name, ...standing, isStatic, bundleID, incarnation };
        })
        .sort((a, b) => compareIDs(a.vatID, b.vatID));
    },
    isLive: vatID => state.vats.isLive(vatID),
    boundTo: vatID => {
      const { workerOptions } = state.vats.getOptions(vatID);
      return workerOptions.type === 'xsnap' && !state.suspensions.isSuspended(vatID)
        ? { engine: workerOptions.engine ?? assumedEngine }
        : undefined;
    },
    isLoadable: vatID =>
      isLoadable(platform, kernelStorage.bundleStore, state.vats.getOptions(vatID), assumedEngine),
    readParameters: value => {
      let data: CapData<KRef>;
      try {
        data = marshal(value);
      } catch {
        return { expected: 'passable data, or { body, slots } that is marshalled already' };
      }
      const excess = findExcess(data, state.settings.limits);
      if (excess) {
        const { limit } = excess;
        return { expected: `no more than vats can take: ${limit} ${state.settings.limits[limit]}` };
      }
      const missing = data.slots.find(kref => !state.exists(kref));
      if (missing === undefined) return { data };
      return { expected: `no reference to ${missing}, which does not exist` };
    },
    countQueued: () => countQueued(state),
    getParameters: vatID => state.vats.getParameters(vatID),
    setParameters: (vatID, parameters) => state.vats.setParameters(vatID, parameters),
    isUnborn: vatID => isUnborn(lifecycle, vatID),
    takesParameters: vatID => !outlivesWorkers(state, vatID),
    recordEngine: vatID => {
      const options = state.vats.getOptions(vatID);
      const { workerOptions } = options;
      if (workerOptions.type !== 'xsnap' || workerOptions.engine !== undefined) return;
      if (assumedEngine === undefined) return;
      state.vats.setOptions(vatID, {
        ...options,
        workerOptions: { ...workerOptions, engine: assumedEngine },
      });
    },
    findAbandonedHeld: abandoned => findAbandonedHeld(state, abandoned),
    restartVat: request => restartVat(parts, request),
    runAhead: async request => {
      const { workerOptions, useTranscript } = state.vats.getOptions(request.vatID);
      // Local workers share one thread, so that none of them gains by it.
      if (workerOptions.type === 'xsnap' && useTranscript) await runAhead(lifecycle, request);
    },
    stopAhead: () => warehouse.ahead.shutdown(),
    recountGauges: () => recountGauges(state),
    adoptPlatform: vatID => adoptCurrentPlatform(lifecycle, vatID),
    writeLedger: async (type, write) => {
      await cranks.runTask(type, async () => {
        write(state.platformEpochs);
        return emptyCrank;
      });
    },
    slog: entry => slog.write(entry),
    now,
    faultPoint,
  };
};
