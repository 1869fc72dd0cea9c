import type { VatData } from '@agoric/swingset-liveslots';

/** The global `VatData` that liveslots' test environment has just made. */
export const vatDataOfTest = (): VatData => {
  const { VatData } = globalThis as { VatData?: VatData };
  if (!VatData) throw Error('the test environment has no VatData');
  return VatData;
};
