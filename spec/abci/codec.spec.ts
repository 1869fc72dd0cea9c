import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { Request, Response } from 'cosmjs-types/tendermint/abci/types.js';
import {
  decodeRequest,
  encodeResponse,
  fromInt64,
  toInt64,
  type AbciRequest,
  type AbciResponse,
} from '../../lib/abci/codec.js';
import { WireError } from '../../lib/abci/errors.js';
import { FrameReader } from '../../lib/abci/framing.js';
import { needGo } from '../support/engine.js';
import { encodeRequest, frame } from './support.js';

interface Vector {
  readonly message: 'request' | 'response';
  readonly kind: AbciRequest['kind'] | AbciResponse['kind'];
  readonly variant: 'empty' | 'full' | 'extreme';
  readonly fields: unknown;
  readonly frame: string;
}

const path = new URL('vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(path, 'utf8')) as readonly Vector[];

/** The form of `vectors/main.go`: what a message says, without how JavaScript says it. */
const describeFields = (value: unknown): unknown => {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(describeFields);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, describeFields(field)]));
};

const messageIn = (hex: string): Uint8Array => {
  const [bytes, ...others] = new FrameReader().push(Buffer.from(hex, 'hex'));
  if (!bytes || others.length > 0) throw Error('expected one frame');
  return bytes;
};

/** The generated code writes an empty list of numbers, which the engine's code leaves out. */
const emptyLists: ReadonlyMap<string, string> = new Map([['03820100', '058201021200']]);

const kinds = [
  ...['echo', 'flush', 'info', 'initChain', 'query', 'checkTx', 'commit', 'listSnapshots'],
  ...['offerSnapshot', 'loadSnapshotChunk', 'applySnapshotChunk', 'prepareProposal'],
  ...['processProposal', 'extendVote', 'verifyVoteExtension', 'finalizeBlock'],
];

describe('the codec', () => {
  it('has vectors of all 16 requests and 17 responses, empty, full and extreme', () => {
    const names = vectors.map(({ message, kind, variant }) => `${message} ${kind} ${variant}`);
    const variants = ['empty', 'full', 'extreme'];
    const expected = [
      ...kinds.flatMap(kind => variants.map(variant => `request ${kind} ${variant}`)),
      ...['exception', ...kinds].flatMap(kind =>
        variants.map(variant => `response ${kind} ${variant}`),
      ),
    ];
    expect(names.sort()).to.deep.equal(expected.sort());
    // Values that a double has not, and times that a Date has not.
    const text = JSON.stringify(vectors);
    for (const part of ['9007199254740993', '-9223372036854775808', '18446744073709551615']) {
      expect(text).to.contain(`"${part}"`);
    }
    expect(text).to.contain('"nanos":999999999').and.to.contain('"seconds":"-62135596800"');
  });

  for (const { message, kind, variant, fields, frame: hex } of vectors) {
    it(`reads and writes what the engine's code wrote: ${message} ${kind}, ${variant}`, () => {
      const bytes = messageIn(hex);
      if (message === 'request') {
        const request = decodeRequest(bytes);
        expect(request.kind).to.equal(kind);
        expect(describeFields(request.value)).to.deep.equal(fields);
        const again = frame(encodeRequest({ [kind]: request.value }));
        expect(Buffer.from(again).toString('hex')).to.equal(hex);
      } else {
        const value = Response.decode(bytes)[kind];
        expect(describeFields(value)).to.deep.equal(fields);
        const again = frame(encodeResponse({ kind, value } as AbciResponse));
        expect(Buffer.from(again).toString('hex')).to.equal(emptyLists.get(hex) ?? hex);
      }
    });
  }

  it("has the vectors that the engine's code writes now", async function regenerate() {
    const text = await needGo(this, ['run', './vectors']);
    expect(text === readFileSync(path, 'utf8'), 'go run ./vectors > vectors.json').to.equal(true);
  });

  it('fills in the fields that an answer leaves out', () => {
    const bytes = encodeResponse({ kind: 'query', value: { code: 3 } });
    expect(describeFields(Response.decode(bytes).query)).to.deep.equal({
      code: 3,
      log: '',
      info: '',
      index: '0',
      key: '',
      value: '',
      height: '0',
      codespace: '',
    });
  });

  it('refuses a request of no kind, of an unknown kind, and of two kinds', () => {
    const unknown = Uint8Array.of(((100 << 3) & 0x7f) | 0x82, 0x06, 0x00);
    for (const bytes of [new Uint8Array(), unknown]) {
      expect(() => decodeRequest(bytes)).to.throw(
        WireError,
        `a request of ${bytes.length} bytes has no kind that is known here: this is ABCI 2.0`,
      );
    }
    const two = encodeRequest({ echo: { message: 'x' }, commit: {} });
    expect(() => decodeRequest(two)).to.throw(
      WireError,
      'a request is of several kinds at once: echo, commit',
    );
  });

  it('refuses each request that is cut short', () => {
    for (const { message, kind, frame: hex } of vectors) {
      if (message !== 'request') continue;
      const bytes = messageIn(hex);
      // Past the length of the inner message, everything that is cut off is missed.
      for (const length of [bytes.length - 1, Math.floor(bytes.length / 2)]) {
        if (length < 1 || bytes.length < 4) continue;
        expect(() => decodeRequest(bytes.subarray(0, length)), kind).to.throw(WireError);
      }
    }
  });

  it('does no more than refuse garbage', () => {
    const requests = vectors
      .filter(({ message }) => message === 'request')
      .map(({ frame: hex }) => messageIn(hex));
    const changed = fc
      .tuple(
        fc.constantFrom(...requests),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1 }),
      )
      .map(([bytes, changes]) => {
        const copy = Uint8Array.from(bytes);
        for (const [at, byte] of changes) copy[at % Math.max(1, copy.length)] = byte;
        return copy;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), changed), bytes => {
        try {
          expect(kinds).to.include(decodeRequest(bytes).kind);
        } catch (error) {
          expect(error).to.be.instanceOf(WireError);
        }
      }),
      { numRuns: 2000 },
    );
    // Groups in each other.
    expect(() => decodeRequest(new Uint8Array(1_000_000).fill(0x0b))).to.throw(WireError);
  });

  it('refuses numbers that do not fit, naming the field and the value', () => {
    expect(toInt64(2n ** 63n - 1n, 'power')).to.equal(2n ** 63n - 1n);
    expect(toInt64(0, 'height')).to.equal(0n);
    for (const value of [2n ** 63n, -1n, 1.5, -1, 2 ** 53, NaN]) {
      expect(() => toInt64(value, 'power')).to.throw(
        'power: expected a whole number from 0 to 2^63-1',
      );
    }
    expect(fromInt64(BigInt(Number.MAX_SAFE_INTEGER), 'height')).to.equal(Number.MAX_SAFE_INTEGER);
    for (const value of [-1n, 2n ** 53n]) {
      expect(() => fromInt64(value, 'height')).to.throw(
        `height: expected a whole number from 0 to 2^53-1, got "${value}n"`,
      );
    }
  });

  it('knows no Date', () => {
    const time = { seconds: -62135596800n, nanos: 999_999_999 };
    const { finalizeBlock } = Request.decode(encodeRequest({ finalizeBlock: { time } }));
    expect(finalizeBlock?.time).to.deep.equal(time);
  });
});
