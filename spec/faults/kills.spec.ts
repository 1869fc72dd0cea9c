import { expect } from 'chai';
import { killAtRandom } from './support/kills.js';
import { restartWithDyingWorkers } from './support/worker-kills.js';

/** `npm run faults:kills` kills 2,000 times, in every mode. */
describe('a host that is killed at random while vats restart on xsnap, or its workers, or both', () => {
  it('comes to the same as without the kills, and leaves no process behind', async () => {
    const found = await killAtRandom({
      worker: 'xsnap',
      dynamicVats: 1,
      mode: 'eager',
      withCheckpoint: true,
      concurrency: 1,
      blocks: 1,
      count: 2,
      seed: 3,
    });
    expect(found.problems).to.deep.equal([]);
    const { kernel, workers, both } = found.kills;
    expect(kernel + workers + both).to.equal(2);
  });

  it('does not notice the deaths of 10 workers', async () => {
    const found = await restartWithDyingWorkers({
      dynamicVats: 1,
      mode: 'eager',
      blocks: 1,
      count: 10,
      seed: 1,
    });
    expect(found.problems).to.deep.equal([]);
    expect(found.kills).to.be.at.least(10);
  });
});
