/** What a vat of a store has retained for its next start, read without starting a kernel. */
import { BadOptionError } from '../errors.js';
import { KernelState } from '../state/kernel-state.js';
import type { KernelStorage } from '../store/types.js';
import { isVatID, type BundleID, type KRef, type VatID } from '../types/ids.js';
import type { CapData } from '../types/messages.js';

export interface RetainedParameters {
  readonly vatID: VatID;
  readonly name: string | undefined;
  readonly isStatic: boolean;
  readonly bundleID: BundleID;
  readonly incarnation: number;
  /** Undefined: the vat is too old to have retained any, and can't start without some. */
  readonly retained: CapData<KRef> | undefined;
}

/** As with `platformRestart.exempt`, a name is that of a static vat if there is one. */
const findVat = ({ vats }: KernelState, vat: string): VatID => {
  const live = vats.allIDs();
  const named = live.filter(vatID => vats.getOptions(vatID).name === vat);
  const dynamic = new Set(vats.dynamicIDs());
  const statics = named.filter(vatID => !dynamic.has(vatID));
  const found = isVatID(vat) ? live.filter(vatID => vatID === vat) : statics;
  const candidates = found.length > 0 || isVatID(vat) ? found : named;
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) return only;
  const expected =
    only === undefined
      ? 'the vatID or name of a live vat'
      : `a vatID, because ${candidates.join(', ')} have this name`;
  throw new BadOptionError('vat', vat, expected);
};

/** @throws BadOptionError for what names no live vat, or several */
export const readRetainedParameters = (
  kernelStorage: KernelStorage,
  vat: string,
): RetainedParameters => {
  const state = new KernelState(kernelStorage);
  const vatID = findVat(state, vat);
  const { incarnation } = kernelStorage.transcriptStore.getCurrentSpanBounds(vatID);
  return {
    vatID,
    name: state.vats.getOptions(vatID).name,
    isStatic: !state.vats.dynamicIDs().includes(vatID),
    bundleID: state.vats.getSource(vatID).bundleID,
    incarnation,
    retained: state.vats.getParameters(vatID),
  };
};
