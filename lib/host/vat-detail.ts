/**
 * Everything that a store says of one live vat, as JSON. Reads the vat's whole c-list and the keys of
 * its vatstore, and needs no kernel.
 */
import { standingOf, type VatStanding } from '../kernel/vats/fate.js';
import { countQueued } from '../platform-epoch/queued-events.js';
import { readEpochLedger } from '../platform-epoch/ledger.js';
import { KernelState } from '../state/kernel-state.js';
import { makeInventory } from '../store/inventory.js';
import type { SnapshotInfo } from '../store/types.js';
import type { BundleID, MeterID, VatID } from '../types/ids.js';
import type { PlatformEpoch } from '../types/platform-epoch.js';
import type { ReapDirt, VatOptions } from '../types/vat-options.js';
import { countClist, type ClistSizes } from './clist-sizes.js';
import { epochOfVat } from './epoch-of-vat.js';
import { describeEvent, type EventDetail } from './event-detail.js';
import { findVat } from './find-vat.js';
import type { ReadableStore } from './look-at-store.js';
import { summarizeVats, type VatSummary } from './swingset-summary.js';
import { platformOfWorker, type VatPlatformDetail } from './vat-platform.js';

export interface TranscriptDetail {
  /** The next position. Positions go on from one incarnation to the next. */
  readonly position: number;
  /** Where the current span begins; a worker replays from there. */
  readonly spanStart: number;
  /** Cumulative SHA-256 of the current span, hex. */
  readonly spanHash: string;
  /** Spans of all incarnations, and those of the present one. */
  readonly spans: number;
  readonly spansOfIncarnation: number;
}

export interface MeterDetail {
  readonly meterID: MeterID;
  /** Computrons, in decimal, or `unlimited`. */
  readonly remaining: string;
  /** The meter's owner is told when the rest falls below it. Computrons, in decimal. */
  readonly threshold: string;
}

export interface VatDetail extends VatSummary, VatStanding {
  readonly bundleID: BundleID;
  /** As stored. */
  readonly options: VatOptions;
  /** Of the platform that it runs on; null between incarnations and in a store without epochs. */
  readonly platformEpoch: PlatformEpoch | null;
  readonly platform: VatPlatformDetail;
  /** Whether it has retained parameters to start again with. */
  readonly hasParameters: boolean;
  /** What it has done since its last bringOutYourDead. */
  readonly reapDirt: ReapDirt;
  readonly clist: ClistSizes;
  readonly vatstoreRows: number;
  readonly transcript: TranscriptDetail;
  readonly snapshot: SnapshotInfo | null;
  /** Position of the last due snapshot, if it could not be written. */
  readonly snapshotFailedAt: number | null;
  readonly meter: MeterDetail | null;
  /** Events in the run-queue that would go to it now. */
  readonly queued: number;
  /** The first of the events that wait until it is back in service. `waiting` counts them all. */
  readonly firstWaiting: readonly EventDetail[];
}

export interface VatDetailOptions {
  /** How many waiting events to describe. Default 10. */
  readonly events?: number;
}

const readTranscript = ({ db, kernelStorage }: ReadableStore, vatID: VatID): TranscriptDetail => {
  const { startPos, endPos, hash, incarnation } =
    kernelStorage.transcriptStore.getCurrentSpanBounds(vatID);
  let spans = 0;
  let spansOfIncarnation = 0;
  for (const span of makeInventory(db).spansOf(vatID)) {
    spans += 1;
    if (span.incarnation === incarnation) spansOfIncarnation += 1;
  }
  return { position: endPos, spanStart: startPos, spanHash: hash, spans, spansOfIncarnation };
};

const readMeter = ({ vats, meters }: KernelState, vatID: VatID): MeterDetail | null => {
  const { meterID } = vats.getOptions(vatID);
  if (meterID === undefined) return null;
  const { remaining, threshold } = meters.get(meterID);
  return { meterID, remaining: `${remaining}`, threshold: `${threshold}` };
};

const countRows = (state: KernelState, vatID: VatID): number => {
  let rows = 0;
  for (const _key of state.vatstore(vatID).keys()) rows += 1;
  return rows;
};

/**
 * @param vat - vatID or name
 * @throws UnknownVatError if it names no live vat, or several
 */
export const readVatDetail = (
  store: ReadableStore,
  vat: string,
  { events = 10 }: VatDetailOptions = {},
): VatDetail => {
  const { kernelStorage } = store;
  const state = new KernelState(kernelStorage);
  const vatID = findVat(state, vat);
  const ledger = readEpochLedger(kernelStorage);
  const [summary] = summarizeVats(kernelStorage, state, ledger, [vatID]);
  const options = state.vats.getOptions(vatID);
  return {
    ...summary!,
    ...standingOf(state, vatID),
    bundleID: state.vats.getSource(vatID).bundleID,
    options,
    platformEpoch: epochOfVat(state, ledger, vatID) ?? null,
    platform: platformOfWorker(options.workerOptions),
    hasParameters: state.vats.getParameters(vatID) !== undefined,
    reapDirt: state.vats.getReapDirt(vatID),
    clist: countClist(state, vatID),
    vatstoreRows: countRows(state, vatID),
    transcript: readTranscript(store, vatID),
    snapshot: kernelStorage.snapStore.getSnapshotInfo(vatID) ?? null,
    snapshotFailedAt: state.vats.getSnapshotFailure(vatID) ?? null,
    meter: readMeter(state, vatID),
    queued: countQueued(state).queuedByVat[vatID] ?? 0,
    firstWaiting: state.waiting
      .events(vatID)
      .slice(0, events)
      .map(event => describeEvent(event)),
  };
};
