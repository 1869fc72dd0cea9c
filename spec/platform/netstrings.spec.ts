import { expect } from 'chai';
import fc from 'fast-check';
import { LongMessageError, WorkerProtocolError } from '../../lib/platform/errors.js';
import { makeNetstringReader, netstringOf } from '../../lib/platform/netstrings.js';

const MOST = 100;

/** Stands in for messages that begin with `say`. */
const replace = (head: Buffer, length: number): Buffer | undefined =>
  head.toString().startsWith('say') ? Buffer.from(`${length} bytes`) : undefined;

interface Read {
  readonly messages: readonly string[];
  readonly error?: unknown;
}

/** Reads the bytes, cut into chunks of these sizes in turn. */
const read = (bytes: Buffer, sizes: readonly number[]): Read => {
  const messages: string[] = [];
  const reader = makeNetstringReader({
    maxBytes: MOST,
    replace,
    onMessage: message => messages.push(message.toString('latin1')),
  });
  try {
    for (let at = 0, n = 0; at < bytes.length; n += 1) {
      const size = sizes[n % sizes.length]!;
      reader.push(bytes.subarray(at, at + size));
      at += size;
    }
  } catch (error) {
    return { messages, error };
  }
  return { messages };
};

const WHOLE = [1_000_000];

const message = fc.oneof(
  fc.uint8Array({ maxLength: MOST }).map(bytes => Buffer.from(bytes)),
  fc.nat({ max: 300 }).map(length => Buffer.from(`say ${'x'.repeat(MOST + length)}`)),
);
const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 });

const framed = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length}:`), bytes, Buffer.from(',')]);
const seen = (bytes: Buffer): string =>
  bytes.length > MOST ? `${bytes.length} bytes` : bytes.toString('latin1');

describe('netstrings', () => {
  it('come out as they went in, however they are cut, and a substitute for what is too long', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), sizes, (messages, cuts) => {
        const bytes = Buffer.concat(messages.map(framed));
        expect(read(bytes, cuts)).to.deep.equal({ messages: messages.map(seen) });
      }),
      { numRuns: 500 },
    );
  });

  it('may end anywhere: what is not complete is not passed on', () => {
    const bytes = Buffer.from('3:abc,0:,12:0123456789ab,');
    const complete = [6, 9, 25];
    for (let end = 0; end <= bytes.length; end += 1) {
      expect(read(bytes.subarray(0, end), [4]).messages, `${end} bytes`).to.have.length(
        complete.filter(each => each <= end).length,
      );
    }
  });

  it('are refused where a byte is wrong, after the good ones, however they are cut', () => {
    const faults = [
      'x',
      ':',
      '3x',
      '-1:',
      '1e3:',
      '01:a,',
      '00:,',
      '12345678901',
      '3:abcd',
      ' 3:abc,',
    ];
    for (const fault of faults) {
      for (const cuts of [WHOLE, [1], [2], [3, 1]]) {
        const { messages, error } = read(Buffer.from(`3:abc,${fault}3:abc,`), cuts);
        expect(messages, fault).to.deep.equal(['abc']);
        expect(error, fault)
          .to.be.instanceOf(WorkerProtocolError)
          .with.property('code', 'WORKER_PROTOCOL');
      }
    }
  });

  it('are refused as soon as their head says that nothing may stand in for them', () => {
    for (const cuts of [WHOLE, [1], [7]]) {
      const head = Buffer.from(`3:abc,1000:${'do'.repeat(32)}`);
      const { messages, error } = read(head, cuts);
      expect(messages).to.deep.equal(['abc']);
      expect(error)
        .to.be.instanceOf(LongMessageError)
        .that.includes({ code: 'WORKER_MESSAGE_TOO_LONG', bytes: 1000, maxBytes: MOST });
    }
  });

  it('never crash on random bytes, which mean the same however they are cut', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map(Buffer.from.bind(Buffer)),
      fc
        .string({ unit: fc.constantFrom(...'0123456789:,a'), maxLength: 60 })
        .map(text => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, sizes, (given, cuts) => {
        const [whole, cut] = [read(given, WHOLE), read(given, cuts)];
        expect(cut.messages).to.deep.equal(whole.messages);
        expect(String(cut.error)).to.equal(String(whole.error));
      }),
      { numRuns: 1000 },
    );
  });

  it('count bytes, not characters', () => {
    expect(netstringOf('?', 'é𝄞\ud800')).to.equal('10:?é𝄞\ud800,');
    expect(read(Buffer.from(netstringOf('/', '')), WHOLE).messages).to.deep.equal(['/']);
  });
});
