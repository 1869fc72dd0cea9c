import { expect } from 'chai';
import { parseVatID } from '../../lib/types/ids.js';
import type { VatDelivery, VatSyscall, VatSyscallResult } from '../../lib/types/messages.js';
import { RanAheadError, startAhead } from '../../lib/workers/ahead-worker.js';
import { failureOf } from '../support/failure.js';

const vatID = parseVatID('v1');
const start: VatDelivery = ['startVat', { body: '#[]', slots: [] }];
const reap: VatDelivery = ['bringOutYourDead'];
const get = (key: string): VatSyscall => ['vatstoreGet', key];
const keyOf = (syscall: VatSyscall): string => (syscall[0] === 'vatstoreGet' ? syscall[1] : '');
const answerAhead = (syscall: VatSyscall): VatSyscallResult => ['ok', `${keyOf(syscall)} ahead`];

/** A worker that says something, reads two rows in each delivery, and has run ahead through `start`. */
const runAhead = async () => {
  const told: string[] = [];
  const write = (line: string) => void told.push(line);
  const sinks = {
    slog: ({ type }: { type: string }) => write(`slog ${type}`),
    console: { log: write, warn: write, error: write },
    testLog: write,
  };
  const delivered: string[] = [];
  let ended = false;
  const ahead = await startAhead(vatID, sinks, async ({ slog, console, testLog }) => {
    slog({ type: 'starting' });
    return {
      deliver: async (delivery, handleSyscall) => {
        delivered.push(delivery[0]);
        console.log(`${delivery[0]} begins`);
        handleSyscall(get('a'));
        testLog?.(`${delivery[0]} in between`, vatID);
        handleSyscall(get('b'));
        console.warn(`${delivery[0]} ends`);
        return ['ok', null, { compute: 7 }];
      },
      shutdown: async () => {
        ended = true;
      },
    };
  });
  await ahead.worker.deliver(start, answerAhead);
  return { play: ahead.play, told, delivered, isEnded: () => ended };
};

describe('a worker that ran ahead', () => {
  it('is told and asked in its turn as if it ran only then, and goes on', async () => {
    const { play, told, delivered, isEnded } = await runAhead();
    expect(told, 'before its turn').to.deep.equal([]);
    const worker = play();
    expect(told).to.deep.equal(['slog starting']);
    const answer = (syscall: VatSyscall): VatSyscallResult => {
      told.push(`get ${keyOf(syscall)}`);
      return answerAhead(syscall);
    };
    expect(await worker.deliver(start, answer)).to.deep.equal(['ok', null, { compute: 7 }]);
    const lines = (what: string) => [
      `${what} begins`,
      'get a',
      `${what} in between`,
      'get b',
      `${what} ends`,
    ];
    expect(told).to.deep.equal(['slog starting', ...lines('startVat')]);
    expect(delivered, 'it ran once').to.deep.equal(['startVat']);

    told.length = 0;
    await worker.deliver(reap, answer);
    expect(told).to.deep.equal(lines('bringOutYourDead'));
    expect(delivered).to.deep.equal(['startVat', 'bringOutYourDead']);
    await worker.shutdown();
    expect(isEnded()).to.equal(true);
  });

  it('gives up where it would be given something else', async () => {
    const answerOtherwise = (syscall: VatSyscall): VatSyscallResult =>
      keyOf(syscall) === 'b' ? ['ok', 'changed'] : answerAhead(syscall);
    const otherStart: VatDelivery = ['startVat', { body: '#[1]', slots: [] }];
    for (const [delivery, answer] of [
      [reap, answerAhead],
      [otherStart, answerAhead],
      [start, answerOtherwise],
    ] as const) {
      const { play, delivered } = await runAhead();
      expect(await failureOf(play().deliver(delivery, answer)))
        .to.be.instanceOf(RanAheadError)
        .that.includes({ vatID, code: 'RAN_AHEAD' });
      expect(delivered).to.deep.equal(['startVat']);
    }
  });
});
