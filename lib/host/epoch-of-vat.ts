/** Which platform epoch a live vat runs on. */
import { epochOfIncarnation } from '../platform-epoch/incarnation-epoch.js';
import type { KernelState } from '../state/kernel-state.js';
import { isVatID, type VatID } from '../types/ids.js';
import type { PlatformEpoch, PlatformEpochRecord } from '../types/platform-epoch.js';

/** Undefined for a vat between incarnations, and without a ledger. */
export const epochOfVat = (
  { vats, services }: Pick<KernelState, 'vats' | 'services'>,
  ledger: readonly PlatformEpochRecord[],
  vatID: VatID,
): PlatformEpoch | undefined => {
  if (services.isSuspended(vatID)) return undefined;
  const { name, workerOptions } = vats.getOptions(vatID);
  const isMeantBy = (nameOrID: string): boolean => {
    if (isVatID(nameOrID)) return nameOrID === vatID;
    // A dynamic vat can't take the place of a static one in an option.
    const owner = vats.findByName(nameOrID);
    return nameOrID === name && (owner === undefined || owner === vatID);
  };
  return epochOfIncarnation(ledger, { workerOptions, isMeantBy });
};
