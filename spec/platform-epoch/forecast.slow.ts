/** Forecasts of 50 random stores. `FORECAST_STORES` and `FORECAST_SEED` choose others. */
import { expect } from 'chai';
import { forecast, makeRandomStore, restartForReal } from './support/forecast.js';

const stores = Number(process.env['FORECAST_STORES'] ?? 50);
const firstSeed = Number(process.env['FORECAST_SEED'] ?? 100);

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

  it('have covered each way to fail', () => {
    expect([...seen]).to.include.members([
      ...['boot refused', 'lazy: suspended at the end', 'lazy: terminated at the end'],
      ...['lazy: panic at the end', 'rolling: suspended in a block'],
      ...['rolling: terminated in a block', 'rolling: suspended at the end'],
      ...['rolling: terminated at the end', 'rolling: panic at the end'],
    ]);
  });
});
