import type { KernelState } from '../../state/kernel-state.js';
import type { VatID } from '../../types/ids.js';
import type { VatRecord } from '../../workers/types.js';

/** What a worker of the vat needs to know. @throws KernelStateError if the vat does not exist */
export const readVatRecord = ({ vats }: KernelState, vatID: VatID): VatRecord => {
  const options = vats.getOptions(vatID);
  return {
    vatID,
    name: options.name,
    options,
    source: vats.getSource(vatID),
    limits: vats.limitsOf(vatID),
    snapshotFailedAt: vats.getSnapshotFailure(vatID),
  };
};
