import { expect } from 'chai';
import { FAULTS } from './support/disk.js';
import { runOnFailingDisk } from './support/disk-runs.js';
import { buildShim } from './support/shim.js';
import { STORE_WORKLOADS } from './support/workloads.js';

/** `npm run faults:disk` goes through every call, and through more work of kernels. */
describe('a disk that is full, fails, is read-only or locked at the nth call', () => {
  const shim = buildShim();

  before(function () {
    if ('path' in shim) return;
    console.log(`      skipped: ${shim.missing}`);
    this.skip();
  });

  const runAll = async (workloads: readonly string[], count: number) => {
    if (!('path' in shim)) throw Error(shim.missing);
    const runs = await runOnFailingDisk(shim.path, { workloads, count, seed: 1 });
    expect(runs.flatMap(({ problems }) => problems)).to.deep.equal([]);
    expect(runs.length).to.equal(workloads.length * FAULTS.length);
    for (const { workload, fault, met } of runs) {
      expect(met, `${workload}, ${fault}`).to.be.greaterThan(0);
    }
    return runs;
  };

  it('gives a typed error and leaves a sound store, which the next run takes to the end', async () => {
    const runs = await runAll(
      STORE_WORKLOADS.map(({ name }) => name),
      10,
    );
    const codes = new Set(runs.flatMap(({ errors }) => Object.keys(errors)));
    expect([...codes].sort()).to.deep.equal(['STORE_IO', 'STORE_LOCKED', 'STORE_SYNC']);
  });

  it('does so in a restart of all vats, after which the same boot comes to the same state', async () => {
    const runs = await runAll(['eager restart'], 4);
    const codes = new Set(runs.flatMap(({ errors }) => Object.keys(errors)));
    expect([...codes]).to.include('STORE_IO');
  });
});
