import { expect } from 'chai';
import { compareLives } from './support/compare-lives.js';

describe('a worker that was reloaded, with another heap size', () => {
  it('makes the syscalls, computrons and snapshots of one that carried on', async () => {
    const [carriedOn, always, sometimes] = await compareLives(1, 40);
    expect(carriedOn?.reloads).to.equal(0);
    expect(always?.reloads).to.equal(always?.hashes.length).and.to.be.greaterThan(1);
    expect(new Set(carriedOn?.hashes).size).to.be.greaterThan(1);
    // What makes the comparison one: the workers themselves wrote other bytes.
    expect(always?.written).to.not.deep.equal(carriedOn?.written);
    expect(sometimes?.written).to.not.deep.equal(carriedOn?.written);
  });
});
