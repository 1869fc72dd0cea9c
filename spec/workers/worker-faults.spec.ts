import { expect } from 'chai';
import type { Shortages } from '../../lib/platform/resource-limits.js';
import { makeVatID } from '../../lib/types/ids.js';
import { WorkerDiedError } from '../../lib/workers/errors.js';
import { judgeExit, type ProcessEnd } from '../../lib/workers/worker-faults.js';

const vatID = makeVatID(7);
const eof = Error('v7 ended');
const faultOf = (code: number, shortages: Shortages = {}) =>
  judgeExit(vatID, eof, { exit: { kind: 'exit', code }, stderr: '', shortages });
const deathOf = (exit: ProcessEnd['exit'], { stderr = '', shortages = {} } = {}) => {
  const verdict = judgeExit(vatID, eof, { exit, stderr, shortages });
  if (verdict.kind !== 'death') throw Error(`judged a fault: ${verdict.problem}`);
  return verdict.error;
};

describe('the end of a worker process', () => {
  it('is the fault of the vat where the engine gave up on its code', () => {
    const problems = [11, 12, 15, 16, 17, 255].map(code => {
      const verdict = faultOf(code);
      return verdict.kind === 'fault' ? verdict.problem : verdict.kind;
    });
    expect(problems).to.deep.equal([
      'Allocate meter exceeded',
      'Stack meter exceeded',
      'Unhandled exception in the worker',
      'Property name space exhausted',
      'Compute meter exceeded',
      'Worker aborted',
    ]);
  });

  it('is a death where the machine interfered', () => {
    const error = deathOf({ kind: 'signal', signal: 'SIGKILL' });
    expect(error).to.be.instanceOf(WorkerDiedError).that.includes({
      code: 'WORKER_DIED',
      vatID,
      signal: 'SIGKILL',
      exitCode: undefined,
      cause: eof,
    });
    for (const code of [0, 1, 2]) {
      expect(deathOf({ kind: 'exit', code })).to.include({ exitCode: code, signal: undefined });
    }
  });

  it('is a death where the machine may have refused what the engine takes', () => {
    const kindsOf = (shortages: Shortages) =>
      [11, 12, 15, 16, 17, 255].map(code => faultOf(code, shortages).kind);
    expect(kindsOf({ memory: 'data is limited' })).to.deep.equal([
      'death',
      'fault',
      'death',
      'fault',
      'fault',
      'death',
    ]);
    expect(kindsOf({ stack: 'the stack is limited' })).to.deep.equal([
      'fault',
      'death',
      'fault',
      'fault',
      'fault',
      'fault',
    ]);
    const shortages = { memory: 'data is limited to 1.0 GiB (ulimit -d)' };
    const error = deathOf({ kind: 'exit', code: 11 }, { shortages });
    expect(error).to.have.property('exitCode', 11);
    expect(error.message).to.include('exit code 11, perhaps because data is limited to 1.0 GiB');
  });

  it('is told with what the worker wrote last', () => {
    expect(
      deathOf({ kind: 'exit', code: 2 }, { stderr: 'cannot read snapshot' }).message,
    ).to.include('cannot read snapshot');
  });
});
