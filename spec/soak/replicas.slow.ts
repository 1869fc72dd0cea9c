import { expect } from 'chai';
import { compareReplicas } from './replicas.js';

describe('replicas in different surroundings', () => {
  it('agree after each crank', async () => {
    const { seeds, cranks } = await compareReplicas({ seed: 1, seeds: 3, cranks: 100 });
    expect(seeds).to.equal(3);
    expect(cranks).to.be.at.least(300);
  });
});
