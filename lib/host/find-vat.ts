/** Finds the vat that a user names. */
import { quoteValue, SwingsetError } from '../errors.js';
import { nearestName } from '../nearest-name.js';
import type { KernelState } from '../state/kernel-state.js';
import { isVatID, type VatID } from '../types/ids.js';

/** No live vat has this vatID or name, or several have this name. */
export class UnknownVatError extends SwingsetError {
  readonly code = 'UNKNOWN_VAT';
  constructor(
    /** As the user wrote it. */
    readonly vat: string,
    detail: string,
  ) {
    super(`${quoteValue(vat)} ${detail}`);
  }
}

type VatTables = Pick<KernelState, 'vats'>;

const whyUnknown = ({ vats }: VatTables, vatID: VatID): string => {
  if (vats.isTerminated(vatID)) return 'is terminated; its rows are being deleted';
  return vats.wasAllocated(vatID)
    ? 'is terminated, or has yet to be created'
    : 'was never the ID of a vat of this swingset';
};

/**
 * As in `platformRestart.exempt`, a static vat's name takes precedence over dynamic vats' names,
 * which come from other vats.
 *
 * @param vat - vatID or name
 * @throws UnknownVatError that says why, and what was probably meant
 */
export const findVat = ({ vats }: VatTables, vat: string): VatID => {
  if (isVatID(vat)) {
    if (vats.isLive(vat)) return vat;
    throw new UnknownVatError(vat, whyUnknown({ vats }, vat));
  }
  const static_ = vats.findByName(vat);
  if (static_ !== undefined) return static_;
  const named = vats.allIDs().map(vatID => ({ vatID, name: vats.getOptions(vatID).name }));
  const found = named.filter(({ name }) => name === vat).map(({ vatID }) => vatID);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) {
    throw new UnknownVatError(vat, `is the name of ${found.join(', ')}: give a vatID`);
  }
  const near = nearestName(vat, [
    ...vats.staticNames(),
    ...named.flatMap(({ name }) => name ?? []),
  ]);
  const hint =
    near === undefined ? '; `swingset-kernel vats` lists them' : `; did you mean ${near}?`;
  throw new UnknownVatError(vat, `is neither the vatID nor the name of a live vat${hint}`);
};
