/** Which platform epoch a live vat runs on. */
import { epochOfIncarnation } from '../platform-epoch/incarnation-epoch.js';
import type { KernelState } from '../state/kernel-state.js';
import { isVatID, type VatID } from '../types/ids.js';
import type { PlatformEpoch, PlatformEpochRecord } from '../types/platform-epoch.js';

/** Is a live vat meant by this name or vatID in a restart's `exempt`? */
export const isMeantBy = (
  { vats }: Pick<KernelState, 'vats'>,
  vatID: VatID,
  nameOrID: string,
): boolean => {
  if (isVatID(nameOrID)) return nameOrID === vatID;
  // A dynamic vat can't take the place of a static one in an option.
  const owner = vats.findByName(nameOrID);
  return nameOrID === vats.getOptions(vatID).name && (owner === undefined || owner === vatID);
};

/** Undefined for a vat between incarnations, and without a ledger. */
export const epochOfVat = (
  { vats, services }: Pick<KernelState, 'vats' | 'services'>,
  ledger: readonly PlatformEpochRecord[],
  vatID: VatID,
): PlatformEpoch | undefined => {
  if (services.isSuspended(vatID)) return undefined;
  const { workerOptions } = vats.getOptions(vatID);
  return epochOfIncarnation(ledger, {
    workerOptions,
    isMeantBy: nameOrID => isMeantBy({ vats }, vatID, nameOrID),
  });
};
