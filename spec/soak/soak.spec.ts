import { expect } from 'chai';
import { soak } from './soak.js';

describe('some hundred random cranks, held against a model', () => {
  it('come to the same with the same seed, and to something else with another', async () => {
    const run = (seed: number, cranks: number) => soak({ seed, cranks, vats: 3 });
    const [first, second, other] = [await run(1, 500), await run(1, 500), await run(2, 100)];
    expect(first.cranks).to.be.within(500, 1500);
    expect(second).to.deep.equal(first);
    expect(other.activityhash).not.to.equal(first.activityhash);
  }).timeout(240_000);
});
