import { expect } from 'chai';
import { explore } from './support/explore.js';

/** `npm run faults:points` does so for every mode, on xsnap, and with no, one and all vats failing. */
describe('a crash at any point of a restart, and at any point of the boot after it', () => {
  it('comes to the same as the undisturbed rolling restart of three vats, of which one fails', async () => {
    const found = await explore({
      worker: 'local',
      dynamicVats: 1,
      failing: 'one',
      mode: 'rolling',
      withCheckpoint: true,
      blocks: 2,
    });
    expect(found.problems).to.deep.equal([]);
    const { points } = found;
    for (const name of ['kvStore.set', 'transcriptStore.addItem', 'hostStorage.commit']) {
      expect(points[`before ${name}`], name).to.equal(points[`after ${name}`]);
      expect(points[`before ${name}`], name).to.be.greaterThan(3);
    }
    expect(points['before startVat']).to.equal(5);
    // Before the first commit, after each, and no other.
    expect(found.states).to.equal(1 + points['after hostStorage.commit']!);
    expect(found.pairs).to.be.greaterThan(1000);
  });
});
