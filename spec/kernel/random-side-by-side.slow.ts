/** `npm run test:side-by-side [-- --seed n --count n]`: this many random swingsets on both kernels. */
import { expect } from 'chai';
import { originalKernelBundles } from '../support/original-bundles.js';
import { readReach } from '../support/reach.js';
import { compareKernels } from './support/random-side-by-side.js';

const { seed: firstSeed, count } = readReach({ seed: 1, count: 40 });
const STEPS = 80;

describe('random vats without liveslots, here and on SwingSet', () => {
  let entries = 0;

  before(originalKernelBundles);

  for (const seed of Array.from({ length: count }, (_, index) => firstSeed + index)) {
    it(`are told the same, and leave the same behind (${seed})`, async () => {
      entries += await compareKernels(seed, STEPS);
    });
  }

  it('have had enough to say', () => {
    console.log(`${count} random swingsets from seed ${firstSeed}: ${entries} entries compared`);
    expect(entries).to.be.greaterThan(100 * count);
  });
});
