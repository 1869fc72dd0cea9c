/** The vats of a chain, as of its last commit. */
import type { KernelState } from '../../../state/kernel-state.js';
import { compareIDs, type VatID } from '../../../types/ids.js';
import type { PlatformEpoch } from '../../../types/platform-epoch.js';
import type { StoredService, VatService } from '../../../types/vat-service.js';
import { epochOfVat } from '../../epoch-of-vat.js';
import { summarizeVat, type VatSummary } from '../../swingset-summary.js';
import type { CommittedView } from '../committed-view.js';

export interface LiveVatAnswer extends Omit<VatSummary, 'name' | 'state' | 'error' | 'sinceEpoch'> {
  readonly name: string | null;
  /**
   * `sleeping`: its next delivery starts it, after an upgrade or because nobody holds it any more.
   * `suspended`: it could not start, or somebody suspended it.
   */
  readonly state: 'running' | 'paused' | 'sleeping' | 'suspended';
  /** Why it is out of service; null while it is in service. */
  readonly service: StoredService | null;
  /** Of the platform that the incarnation runs on; null without an incarnation. */
  readonly platformEpoch: PlatformEpoch | null;
  /** Events that wait for the vat to come back. What is in the run-queue is not counted. */
  readonly waiting: number;
}

export interface TerminatedVatAnswer {
  readonly vatID: VatID;
  readonly state: 'terminated';
}

export type VatAnswer = LiveVatAnswer | TerminatedVatAnswer;

const stateOf = ({ type }: VatService): LiveVatAnswer['state'] => {
  switch (type) {
    case 'in-service':
      return 'running';
    case 'paused':
    case 'sleeping':
      return type;
    case 'failed':
    case 'held':
      return 'suspended';
    default:
      return type satisfies never;
  }
};

/** What answers about vats are made from. */
export type VatsView = Pick<CommittedView, 'ledger' | 'vatRecords' | 'readKernel'>;

const describeVat = (
  { ledger, vatRecords }: Pick<VatsView, 'ledger' | 'vatRecords'>,
  state: KernelState,
  vatID: VatID,
  /** All of them: the list is one row, too long to be read for each vat. */
  dynamicIDs: ReadonlySet<VatID>,
): VatAnswer => {
  const { vats, services, waiting } = state;
  // A terminated vat keeps some rows until they are deleted.
  if (!vats.isLive(vatID)) return { vatID, state: 'terminated' };
  const { name, state: _words, error: _error, ...summary } = summarizeVat(vatID, state, vatRecords);
  const service = services.get(vatID);
  return {
    ...summary,
    name: name ?? null,
    dynamic: dynamicIDs.has(vatID),
    state: stateOf(service),
    service: service.type === 'in-service' ? null : service,
    platformEpoch: epochOfVat(state, ledger, vatID) ?? null,
    waiting: waiting.count(vatID),
  };
};

export interface VatPage {
  readonly after: VatID | undefined;
  readonly limit: number;
}

/** Vats by number. Terminated ones are among them until their last row is deleted. */
export const listVats = (
  view: VatsView,
  { after, limit }: VatPage,
): { readonly vats: readonly VatAnswer[]; readonly more: boolean } => {
  const state = view.readKernel();
  const { vats } = state;
  const left = [...vats.allIDs(), ...vats.terminatedIDs()]
    .sort(compareIDs)
    .filter(vatID => after === undefined || compareIDs(vatID, after) > 0);
  const dynamicIDs = new Set(vats.dynamicIDs());
  return {
    vats: left.slice(0, limit).map(vatID => describeVat(view, state, vatID, dynamicIDs)),
    more: left.length > limit,
  };
};

/** Undefined for a vat that never was. A vatID is never used again. */
export const findVat = (view: VatsView, vatID: VatID): VatAnswer | undefined => {
  const state = view.readKernel();
  const { vats } = state;
  if (!vats.wasAllocated(vatID)) return undefined;
  return describeVat(view, state, vatID, new Set(vats.dynamicIDs()));
};
