/** `RELOAD_SEEDS=20 RELOAD_DELIVERIES=150` are the defaults. */
import { expect } from 'chai';
import { compareLives } from './support/compare-lives.js';

const { RELOAD_SEEDS = '20', RELOAD_DELIVERIES = '150' } = process.env;

describe('a worker that was reloaded many times, with other heap sizes', () => {
  for (let seed = 100; seed < 100 + Number(RELOAD_SEEDS); seed += 1) {
    it(`makes the syscalls, computrons and snapshots of one that carried on (seed ${seed})`, async () => {
      const [, always, sometimes] = await compareLives(seed, Number(RELOAD_DELIVERIES));
      expect(always?.reloads).to.be.greaterThan(0);
      expect(sometimes?.written).to.not.deep.equal(always?.written);
    });
  }
});
