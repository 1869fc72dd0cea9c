/** What the server answers about the swingset: all of it as of the last commit. */
import { readEpochLedger } from '../../platform-epoch/ledger.js';
import { countDueEvents } from '../../kernel/cranks/due-events.js';
import { rollingProgress } from '../../kernel/cranks/sleepers.js';
import { hasWork as kernelHasWork } from '../../kernel/cranks/work.js';
import type { KernelState } from '../../state/kernel-state.js';
import { openCommittedReader } from '../../store/committed-reader.js';
import type { ObservedKernel } from '../../telemetry/kernel-gauges.js';
import { isVatID, parsePromiseKRef, parseVatID, type VatID } from '../../types/ids.js';
import type { PlatformEpoch } from '../../types/platform-epoch.js';
import { listVats, type VatAnswer, type VatPage } from '../block-host/queries/vats.js';
import type { RowReader } from '../block-host/rows.js';
import { asKVStore, readKernelState } from '../committed-kernel.js';
import { observeCommitted } from '../observe-committed.js';
import { readHeight, readResult, type StoredResult } from './results.js';

export interface SoloStatus {
  readonly height: number;
  readonly crankNumber: number;
  readonly activityhash: string;
  /** Events that a run would deliver. Those that wait for paused vats are not counted. */
  readonly queued: number;
  readonly platformEpoch: PlatformEpoch | null;
  /** Whether the restart for that epoch is done. */
  readonly platformEpochStatus: string | null;
  /** The result of `bootstrap`; null without a bootstrap vat. */
  readonly bootstrap: { readonly kpid: string; readonly status: string } | null;
}

export interface VatsAnswer {
  readonly vats: readonly VatAnswer[];
  readonly more: boolean;
}

export interface CommittedState {
  readonly rows: RowReader;
  /** For gauges. */
  readonly kernel: ObservedKernel;
  /** The kernel's tables, to read only, made anew. */
  readonly readKernel: () => KernelState;
  height(): number;
  status(): SoloStatus;
  vats(page: VatPage): VatsAnswer;
  /** Undefined for a promise that is no result, or no longer. */
  result(kpid: string): StoredResult | undefined;
  /** The vat of a static vat's name or a vatID, if it lives. */
  findVat(nameOrID: string): VatID | undefined;
  /** Events that a run would deliver. */
  queued(): number;
  /** Is there anything to do without a new message? */
  hasWork(): boolean;
  close(): void;
}

/** @param bootstrapResult - the promise for the result of `bootstrap` */
export const openCommittedState = (
  home: string,
  bootstrapResult: string | undefined,
): CommittedState => {
  const reader = openCommittedReader(home);
  const kvStore = asKVStore(reader);
  const readKernel = () => readKernelState(kvStore);
  const bootstrapOf = ({ promises }: ReturnType<typeof readKernel>): SoloStatus['bootstrap'] => {
    if (bootstrapResult === undefined) return null;
    const kpid = parsePromiseKRef(bootstrapResult);
    return { kpid, status: promises.exists(kpid) ? promises.getState(kpid) : 'unknown' };
  };
  return {
    rows: reader,
    kernel: observeCommitted(readKernel),
    readKernel,
    height: () => readHeight(reader),
    status: () => {
      const state = readKernel();
      const epoch = readEpochLedger({ kvStore }).at(-1);
      return {
        height: readHeight(reader),
        crankNumber: state.crankNumber,
        activityhash: reader.getActivityhash(),
        queued: countDueEvents(state),
        platformEpoch: epoch?.epoch ?? null,
        platformEpochStatus: epoch?.status ?? null,
        bootstrap: bootstrapOf(state),
      };
    },
    vats: page =>
      listVats({ ledger: readEpochLedger({ kvStore }), vatRecords: reader, readKernel }, page),
    result: kpid => readResult(reader, kpid),
    findVat: nameOrID => {
      const { vats } = readKernel();
      const vatID = vats.findByName(nameOrID) ?? (isVatID(nameOrID) && parseVatID(nameOrID));
      return vatID && vats.isLive(vatID) ? vatID : undefined;
    },
    queued: () => countDueEvents(readKernel()),
    hasWork: () => {
      const state = readKernel();
      return kernelHasWork(state) || (rollingProgress(state)?.sleeping ?? 0) > 0;
    },
    close: reader.close,
  };
};
