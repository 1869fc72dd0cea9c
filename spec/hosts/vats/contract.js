import { Far } from '@endo/far';

/** The bits of a number, read as `@endo/marshal` reads them when it encodes numbers as keys. */
const readBits = number => {
  const bits = new BigUint64Array(new Float64Array([number]).buffer);
  return bits[0].toString(16);
};

export const buildRootObject = () => Far('contract', { bits: readBits });
