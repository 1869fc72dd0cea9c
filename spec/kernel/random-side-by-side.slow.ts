/** `npm run test:side-by-side [-- --seed n --count n]`: this many random swingsets on both kernels. */
import { expect } from 'chai';
import { originalKernelBundles } from '../support/original-bundles.js';
import { readReach } from '../support/reach.js';
import { compareLiveVats } from './support/random-live-vats.js';
import { compareRawVats } from './support/random-raw-vats.js';

const { seed: firstSeed, count } = readReach({ seed: 1, count: 40 });
const STEPS = 80;

const schedules = { 'without liveslots': compareRawVats, 'on liveslots': compareLiveVats };

for (const [kind, compare] of Object.entries(schedules)) {
  describe(`random vats ${kind}, here and on SwingSet`, () => {
    let entries = 0;

    before(originalKernelBundles);

    for (const seed of Array.from({ length: count }, (_, index) => firstSeed + index)) {
      it(`are told the same, and leave the same behind (${seed})`, async () => {
        entries += await compare(seed, STEPS);
      });
    }

    it('have had enough to say', () => {
      console.log(`${count} swingsets ${kind} from seed ${firstSeed}: ${entries} entries compared`);
      expect(entries).to.be.greaterThan(100 * count);
    });
  });
}
