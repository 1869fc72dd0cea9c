/** Reads the parameters that a vat retained for its next start, without starting a kernel. */
import { KernelState } from '../state/kernel-state.js';
import type { KernelStorage } from '../store/types.js';
import type { BundleID, KRef, VatID } from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import { findVat } from './find-vat.js';

export interface RetainedParameters {
  readonly vatID: VatID;
  readonly name: string | undefined;
  readonly isStatic: boolean;
  readonly bundleID: BundleID;
  readonly incarnation: number;
  /** Undefined for a vat started before stores retained them: it can't restart without new ones. */
  readonly retained: CapData<KRef> | undefined;
}

/** @param vat - vatID or name. @throws UnknownVatError if it names no live vat, or several */
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
