import { expect } from 'chai';
import { faultsOf } from './faults.js';
import { runLoad } from './run-load.js';

describe('a solo host under load', () => {
  it('answers every kind of hostile request as promised, and does its work meanwhile', async () => {
    const report = await runLoad({ seed: 1, requests: 1_500, rate: 1_000, worker: 'local' });
    expect(report.sent).to.be.at.least(1_500);
    expect(faultsOf(report)).to.deep.equal([]);
  });
});
