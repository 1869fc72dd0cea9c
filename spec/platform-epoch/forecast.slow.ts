/** Forecasts of 200 random stores: `npm run test:forecasts [-- --seed n --count n]`. */
import { expect } from 'chai';
import { readReach } from '../support/reach.js';
import { forecast, makeRandomStore, restartForReal } from './support/forecast.js';

const { seed: firstSeed, count: stores } = readReach({ seed: 100, count: 200 });

describe('the forecasts of rehearsals', () => {
  const seen = new Set<string>();

  for (const seed of Array.from({ length: stores }, (_, index) => firstSeed + index)) {
    it(`are what then happens to random store ${seed}`, async () => {
      const plan = await makeRandomStore(seed);
      const expected = await forecast(plan);
      expect(await restartForReal(plan)).to.deep.equal(expected);
      if (expected.turns === undefined) seen.add('boot refused');
      for (const { fate, block } of Object.values(expected.late)) {
        seen.add(`${plan.mode}: ${fate} ${block === undefined ? 'at the end' : 'in a block'}`);
      }
    });
  }

  it('have covered each way to fail', function coverage() {
    if (stores < 200) this.skip();
    expect([...seen]).to.include.members([
      ...['boot refused', 'lazy: suspended at the end', 'lazy: terminated at the end'],
      ...['lazy: panic at the end', 'rolling: suspended in a block'],
      ...['rolling: terminated in a block', 'rolling: suspended at the end'],
      ...['rolling: terminated at the end', 'rolling: panic at the end'],
    ]);
  });
});
