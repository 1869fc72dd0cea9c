import { expect } from 'chai';
import { losePower } from './support/power-loss.js';
import { buildShim } from './support/shim.js';

/** `npm run faults:power` loses more, in all modes and on xsnap. */
describe('a power failure during a restart of all vats', () => {
  const shim = buildShim();

  before(function () {
    if ('path' in shim) return;
    console.log(`      skipped: ${shim.missing}`);
    this.skip();
  });

  it('leaves a commit that the host relied on or a later one, from which the boot goes on', async () => {
    if (!('path' in shim)) throw Error(shim.missing);
    const found = await losePower(shim.path, {
      worker: 'local',
      dynamicVats: 1,
      mode: 'eager',
      blocks: 1,
      durability: 'full',
      count: 0,
      seed: 1,
    });
    expect(found.problems).to.deep.equal([]);
    expect(found.commits).to.equal(6);
    expect(found.syncs).to.be.at.least(found.commits);
    expect(found.states).to.be.greaterThan(found.syncs);
    expect(found.early, 'between the sync of a commit and its end').to.be.greaterThan(0);
  });
});
