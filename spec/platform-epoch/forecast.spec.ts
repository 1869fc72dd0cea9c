import { expect } from 'chai';
import { forecast, makeRandomStore, restartForReal } from './support/forecast.js';

describe('the forecast of a rehearsal', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`is what then happens to random store ${seed}`, async () => {
      const plan = await makeRandomStore(seed);
      const expected = await forecast(plan);
      expect(await restartForReal(plan)).to.deep.equal(expected);
    });
  }
});
