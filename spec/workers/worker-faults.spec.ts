import { expect } from 'chai';
import { makeVatID } from '../../lib/types/ids.js';
import { WorkerDiedError } from '../../lib/workers/errors.js';
import { judgeExit } from '../../lib/workers/worker-faults.js';

const vatID = makeVatID(7);
const eof = Error('v7 ended');
const faultOf = (code: number) => judgeExit(vatID, eof, { kind: 'exit', code }, '');
const deathOf = (...[exit, stderr = '']: [Parameters<typeof judgeExit>[2], string?]) => {
  const verdict = judgeExit(vatID, eof, exit, stderr);
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

  it('is told with what the worker wrote last', () => {
    expect(deathOf({ kind: 'exit', code: 2 }, 'cannot read snapshot').message).to.include(
      'cannot read snapshot',
    );
  });
});
