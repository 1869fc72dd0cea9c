import { expect } from 'chai';
import { soak } from './soak.js';

const anotherMachine = { concurrency: 3, warehousePolicy: { maxVatsOnline: 4 } };

describe('some hundred random cranks, held against a model', () => {
  it('come to the same with the same seed on any machine, and to something else with another', async () => {
    const first = await soak({ seed: 1, cranks: 300, vats: 3 });
    const second = await soak({ seed: 1, cranks: 300, vats: 3, machine: anotherMachine });
    const other = await soak({ seed: 2, cranks: 100, vats: 3 });
    expect(first.cranks).to.be.within(300, 1200);
    expect(second).to.deep.equal(first);
    expect(other.activityhash).not.to.equal(first.activityhash);
  });
});
