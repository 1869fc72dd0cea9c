import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  LongMessageError,
  WorkerOvertimeError,
  WorkerProtocolError,
} from '../../lib/platform/errors.js';
import { netstringOf } from '../../lib/platform/netstrings.js';
import { makeWorkerChannel } from '../../lib/platform/worker-channel.js';
import { failureOf } from '../support/failure.js';

const makeChannel = (
  handleRequest: (request: Buffer) => string = () => 'answer',
  { silenceLimit = 0 } = {},
) => {
  const [fromWorker, toWorker] = [new PassThrough(), new PassThrough()];
  const faults: unknown[] = [];
  const channel = makeWorkerChannel({
    name: 'v1',
    fromWorker,
    toWorker,
    handleRequest,
    replaceLongRequest: (head, length) =>
      head.toString().startsWith('print') ? Buffer.from(`printed ${length}`) : undefined,
    silenceLimit,
    onFault: error => faults.push(error),
  });
  return {
    channel,
    faults,
    say: (bytes: string | Buffer) => fromWorker.emit('data', Buffer.from(bytes as string)),
    heard: (): string => (toWorker.read() as Buffer | null)?.toString() ?? '',
    fromWorker,
  };
};

const reply = (text: string, compute = 7): string =>
  netstringOf('.', `{"compute":${compute}}\u0001${text}`);

describe('the channel to a worker', () => {
  it('sends an operation in one write, and takes the reply with what it used', async () => {
    const { channel, say, heard, faults } = makeChannel();
    const done = channel.operate('?', 'é');
    expect(heard()).to.equal('3:?é,');
    say(reply('fine', 12));
    const { reply: bytes, compute } = await done;
    expect([bytes.toString(), compute]).to.deep.equal(['fine', 12]);
    const plain = channel.operate('R', '');
    expect(heard()).to.equal('1:R,');
    say('1:.,');
    expect(await plain).to.deep.equal({ reply: Buffer.alloc(0), compute: null });
    expect(faults).to.deep.equal([]);
  });

  it('answers requests in the same tick', async () => {
    const asked: string[] = [];
    const { channel, say, heard } = makeChannel(request => `to ${asked.push(request.toString())}`);
    const done = channel.operate('?', '');
    heard();
    say('4:?one,');
    expect(heard()).to.equal('5:/to 1,');
    say(`4:?two,${reply('')}`);
    expect(heard()).to.equal('5:/to 2,');
    await done;
    expect(asked).to.deep.equal(['one', 'two']);
  });

  it('means the same however the bytes are cut', async () => {
    const script = ['4:?one,', netstringOf('?', 'x'.repeat(3000)), netstringOf('?', 'é𝄞')].join('');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), async cuts => {
        const { channel, say, heard } = makeChannel(request => String(request.length));
        const done = channel.operate('?', '');
        heard();
        const bytes = Buffer.from(`${script}${reply('end')}`);
        let answers = '';
        for (let at = 0, n = 0; at < bytes.length; n += 1) {
          const size = cuts[n % cuts.length]!;
          say(bytes.subarray(at, at + size));
          answers += heard();
          at += size;
        }
        expect(answers).to.equal('2:/3,5:/3000,2:/6,');
        expect((await done).reply.toString()).to.equal('end');
      }),
    );
  });

  it('passes on an exception of the worker, and goes on', async () => {
    const { channel, say, faults } = makeChannel();
    const failed = channel.operate('e', 'throw');
    say('5:!oops,');
    expect(String(await failureOf(failed))).to.equal('Error: uncaught exception in v1: oops');
    const next = channel.operate('R', '');
    say('1:.,');
    await next;
    expect(faults).to.deep.equal([]);
  });

  it('ends with the first fault: of the worker, or of the kernel', async () => {
    const oops = Error('the kernel failed');
    const cases = [
      ['0:,', WorkerProtocolError],
      ['3:abc,', WorkerProtocolError],
      ['x', WorkerProtocolError],
      [`99999999:?${'a'.repeat(64)}`, LongMessageError],
      [`99999999:.${'a'.repeat(64)}`, LongMessageError],
      ['3:.a\u0001,', WorkerProtocolError],
      ['4:?bad,', Error],
    ] as const;
    for (const [text, type] of cases) {
      const { channel, say, heard, faults } = makeChannel(() => {
        throw oops;
      });
      const failed = channel.operate('?', '');
      heard();
      say(`${text}4:?two,`);
      const error = await failureOf(failed);
      expect(error, text).to.be.instanceOf(type);
      if (text === '4:?bad,') expect(error).to.equal(oops);
      expect(faults, text).to.deep.equal([error]);
      say(reply('late'));
      expect(heard(), text).to.equal('');
      expect(await failureOf(channel.operate('R', '')), text).to.equal(error);
    }
  });

  it('takes no message outside of an operation, and one operation at a time', async () => {
    const { say, faults } = makeChannel();
    say('4:?one,');
    expect(faults).to.have.length(1);
    expect(faults[0]).to.be.instanceOf(WorkerProtocolError);
    const busy = makeChannel().channel;
    const first = busy.operate('R', '');
    expect(String(await failureOf(busy.operate('R', '')))).to.include('busy');
    busy.end(Error('over'));
    await failureOf(first);
  });

  it('ends a worker that shows signs of life and never finishes', async () => {
    const { channel, say, faults } = makeChannel(undefined, { silenceLimit: 60_000 });
    const failed = failureOf(channel.operate('?', ''));
    const now = performance.now.bind(performance);
    const begun = now();
    try {
      for (const seconds of [59, 300, 479]) {
        performance.now = () => begun + seconds * 1000;
        say('4:?one,');
      }
      expect(faults).to.deep.equal([]);
      performance.now = () => begun + 482_000;
      say('4:?one,');
    } finally {
      performance.now = now;
    }
    const error = await failed;
    expect(error).to.be.instanceOf(WorkerOvertimeError);
    expect(error).to.include({ code: 'WORKER_OVERTIME', milliseconds: 480_000 });
    expect(faults).to.deep.equal([error]);
  });

  it('takes a number of computrons, and nothing else in its place', async () => {
    for (const used of [
      '{"compute":1.5}',
      '{"compute":-1}',
      '{"compute":"1"}',
      '{"compute":1e999}',
    ]) {
      const { channel, say, faults } = makeChannel();
      const failed = failureOf(channel.operate('?', ''));
      say(netstringOf('.', `${used}\u0001fine`));
      expect(await failed, used).to.be.instanceOf(WorkerProtocolError);
      expect(faults, used).to.have.length(1);
    }
    for (const used of ['{"compute":null}', '{}', 'null']) {
      const { channel, say } = makeChannel();
      const done = channel.operate('?', '');
      say(netstringOf('.', `${used}\u0001fine`));
      expect((await done).compute, used).to.equal(null);
    }
  });

  it('gives a substitute for a long request that needs no answer', async () => {
    const asked: string[] = [];
    const { channel, say } = makeChannel(request => String(asked.push(request.toString())));
    const done = channel.operate('?', '');
    say(netstringOf('?', `print ${'x'.repeat(12_000_000)}`));
    say(reply(''));
    await done;
    expect(asked).to.deep.equal(['printed 12000006']);
  });

  it('ends with the worker, at any byte', async () => {
    const script = Buffer.from(`4:?one,${reply('end')}`);
    for (let end = 0; end < script.length; end += 1) {
      const { channel, fromWorker, faults } = makeChannel();
      const failed = channel.operate('?', '');
      fromWorker.end(script.subarray(0, end));
      await once(fromWorker, 'end');
      channel.end(Error('v1 ended'));
      expect(String(await failureOf(failed)), `${end} bytes`).to.equal('Error: v1 ended');
      expect(faults).to.deep.equal([]);
    }
  });
});
