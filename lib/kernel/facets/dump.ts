/** The kernel's tables in readable form, for debugging, specs and `getStatus`. Only reads. */
import type { KernelState } from '../../state/kernel-state.js';
import { isPaused, isSuspended } from '../../types/vat-service.js';
import type { TranscriptStore } from '../../store/types.js';
import {
  compareIDs,
  type ClistOwner,
  type KRef,
  type ObjectKRef,
  type PromiseKRef,
  type VatID,
} from '../../types/ids.js';
import { decodeEntry } from '../../workers/transcript.js';
import type { RollingStatus } from '../../types/platform-epoch.js';
import type { VatOptions } from '../../types/vat-options.js';

export interface VatStatus {
  readonly id: VatID;
  readonly options: VatOptions;
  readonly suspended?: SuspensionStatus;
}

export interface SuspensionStatus {
  readonly suspended: boolean;
  readonly paused: boolean;
  readonly error: string | undefined;
  readonly waiting: number;
  readonly sinceCrank: number;
}

/** Everything in the kernel tables in readable form, for debugging and specs. */
export interface KernelDump {
  readonly log: readonly string[];
  readonly acceptanceQueue: readonly unknown[];
  readonly runQueue: readonly unknown[];
  readonly promises: readonly Readonly<Record<string, unknown>>[];
  /** `[kref, owner, reachable, recognizable]`; the owner of an orphan is undefined. */
  readonly objects: readonly (readonly [ObjectKRef, VatID | undefined, number, number])[];
  /** `[kref, vatID or deviceID, vref]`, by kref. */
  readonly kernelTable: readonly (readonly [KRef, ClistOwner, string])[];
  readonly gcActions: readonly string[];
  readonly reapQueue: readonly VatID[];
  readonly vatTables: readonly Readonly<Record<string, unknown>>[];
}

const suspensionOf = (state: KernelState, vatID: VatID): SuspensionStatus | undefined => {
  const service = state.services.get(vatID);
  if (service.type === 'in-service') return undefined;
  return {
    suspended: isSuspended(service),
    paused: isPaused(service),
    error: isSuspended(service) ? service.error : undefined,
    waiting: state.waiting.count(vatID),
    sinceCrank: service.sinceCrank,
  };
};

export interface KernelStatus {
  readonly activeVats: readonly VatStatus[];
  /** While a rolling restart has vats left to start. */
  readonly rolling?: RollingStatus;
}

export const statusOf = (state: KernelState, rolling: RollingStatus | undefined): KernelStatus => ({
  ...(rolling && { rolling }),
  activeVats: state.vats.allIDs().map(vatID => {
    const suspended = suspensionOf(state, vatID);
    return { id: vatID, options: state.vats.getOptions(vatID), ...(suspended && { suspended }) };
  }),
});

function* mapEach<From, To>(list: Iterable<From>, map: (each: From) => To): Generator<To, void> {
  for (const each of list) yield map(each);
}

/** Like SwingSet's: an unresolved promise has its queue, and its decider if it has one. */
const dumpPromise = (state: KernelState, id: PromiseKRef) => {
  const promise = state.promises.get(id);
  if (promise.state !== 'unresolved') return { id, ...promise };
  const { queueLength: _length, decider, ...fields } = promise;
  const queue = state.promises.getQueue(id);
  return { id, ...fields, ...(decider !== undefined && { decider }), queue };
};

type TableRow = readonly [kref: KRef, owner: ClistOwner, vref: string];

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** By kind, then by number. */
const byKindAndNumber = <ID extends KRef | ClistOwner>(a: ID, b: ID): number =>
  compareText(a.replace(/[0-9]+$/, ''), b.replace(/[0-9]+$/, '')) || compareIDs(a, b);

/** Sorted as in SwingSet: by kref, devices before vats. */
const dumpClists = (state: KernelState, vatIDs: readonly VatID[]): readonly TableRow[] => {
  const deviceIDs = state.devices.names().map(name => state.devices.getByName(name));
  return [...deviceIDs, ...vatIDs]
    .flatMap(owner =>
      [...state.clist(owner).entries()].map(([kref, { vref }]) => [kref, owner, vref] as const),
    )
    .sort(([a, ofA], [b, ofB]) => byKindAndNumber(a, b) || byKindAndNumber(ofA, ofB));
};

/** The entries of the current span, each with its position. */
const dumpTranscript = (transcriptStore: TranscriptStore, vatID: VatID) => {
  const { startPos } = transcriptStore.getCurrentSpanBounds(vatID);
  return [...transcriptStore.readSpan(vatID)].map(
    (item, index) => [startPos + index, decodeEntry(item, vatID, startPos + index)] as const,
  );
};

const dumpVat = (state: KernelState, transcriptStore: TranscriptStore, vatID: VatID) => ({
  vatID,
  state: { transcript: dumpTranscript(transcriptStore, vatID) },
  options: state.vats.getOptions(vatID),
  source: state.vats.getSource(vatID),
  suspension: suspensionOf(state, vatID),
  waiting: state.waiting.events(vatID),
});

/** The fields of a dump in order. Each list is read when it is asked for, and vats one by one. */
export const dumpFields = (
  state: KernelState,
  transcriptStore: TranscriptStore,
  log: readonly string[],
): { readonly [Field in keyof KernelDump]: () => Iterable<KernelDump[Field][number]> } => {
  const vatIDs = state.vats.allIDs().sort(compareIDs);
  return {
    log: () => log,
    acceptanceQueue: () => state.acceptanceQueue.all(),
    runQueue: () => state.runQueue.all(),
    promises: () =>
      mapEach([...state.promises.all()].sort(compareIDs), id => dumpPromise(state, id)),
    objects: () =>
      mapEach([...state.objects.all()].sort(compareIDs), kref => {
        const { reachable, recognizable } = state.objects.getRefCount(kref);
        return [kref, state.objects.getOwner(kref), reachable, recognizable] as const;
      }),
    kernelTable: () => dumpClists(state, vatIDs),
    gcActions: () => state.gc.actionTexts(vatIDs),
    reapQueue: () => state.gc.reapQueue(),
    vatTables: () => mapEach(vatIDs, vatID => dumpVat(state, transcriptStore, vatID)),
  };
};

export const dumpKernel = (
  state: KernelState,
  transcriptStore: TranscriptStore,
  log: readonly string[],
): KernelDump => {
  const fields = dumpFields(state, transcriptStore, log);
  return {
    log: [...fields.log()],
    acceptanceQueue: [...fields.acceptanceQueue()],
    runQueue: [...fields.runQueue()],
    promises: [...fields.promises()],
    objects: [...fields.objects()],
    kernelTable: [...fields.kernelTable()],
    gcActions: [...fields.gcActions()],
    reapQueue: [...fields.reapQueue()],
    vatTables: [...fields.vatTables()],
  };
};
