/** Notes numbers, in RAM and durably, so that its heap and its tables both change. */
import { Far } from '@endo/far';
import { makeScalarBigMapStore, provide } from '@agoric/vat-data';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const noted = provide(baggage, 'noted', () => makeScalarBigMapStore('noted', { durable: true }));
  const inRAM = [];
  return Far('relay', {
    note: number => {
      inRAM.push({ number, text: `${number}`.repeat(20) });
      if (noted.has(number)) noted.set(number, noted.get(number) + 1);
      else noted.init(number, 1);
      return inRAM.length;
    },
  });
};
