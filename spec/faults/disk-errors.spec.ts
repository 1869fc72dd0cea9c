import { expect } from 'chai';
import { FAULTS } from './support/disk.js';
import { runOnFailingDisk, type DiskOptions } from './support/disk-runs.js';
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

  /** @returns the codes of all errors */
  const runAll = async (options: DiskOptions & Required<Pick<DiskOptions, 'faults'>>) => {
    if (!('path' in shim)) throw Error(shim.missing);
    const runs = await runOnFailingDisk(shim.path, options);
    expect(runs.flatMap(({ problems }) => problems)).to.deep.equal([]);
    expect(runs.length).to.equal(options.workloads.length * options.faults.length);
    for (const { workload, fault, met } of runs) {
      expect(met, `${workload}, ${fault}`).to.be.greaterThan(0);
    }
    return [...new Set(runs.flatMap(({ errors }) => Object.keys(errors)))];
  };

  it('gives a typed error and leaves a sound store, which the next run takes to the end', async () => {
    const codes = await runAll({
      workloads: STORE_WORKLOADS.map(({ name }) => name),
      faults: FAULTS.map(({ name }) => name),
      count: 3,
      seed: 1,
    });
    expect(codes).to.include.members(['STORE_IO', 'STORE_LOCKED']);
  });

  it('does so in a restart of all vats, after which the same boot comes to the same state', async () => {
    const codes = await runAll({
      workloads: ['eager restart'],
      faults: ['disk full within a write', 'read-only'],
      count: 2,
      seed: 1,
    });
    expect(codes).to.deep.equal(['STORE_IO']);
  });
});
