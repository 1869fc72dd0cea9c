/** Reads the parameters that a vat retained for its next start, without starting a kernel. */
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
  /** Undefined for a vat started before stores retained them: it can't restart without new ones. */
  readonly retained: CapData<KRef> | undefined;
}

/**
 * As in `platformRestart.exempt`, a static vat's name takes precedence over dynamic vats' names.
 */
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

/** @param vat - vatID or name. @throws BadOptionError if it names no live vat, or several */
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
