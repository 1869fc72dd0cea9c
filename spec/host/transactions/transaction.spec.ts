import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import type { Action, TransactionBody } from '../../../lib/host/transactions/action-types.js';
import { addressOf, isAddress } from '../../../lib/host/transactions/addresses.js';
import { encodeCanonical } from '../../../lib/host/transactions/canonical-json.js';
import { makeKey } from '../../../lib/host/transactions/keys.js';
import {
  decodeTransaction,
  MAX_TRANSACTION_BYTES,
  signTransaction,
  transactionHash,
} from '../../../lib/host/transactions/transaction.js';
import { chainID, everyAction, failureOf, keyOf } from './support.js';

const key = keyOf(1);
const body: TransactionBody = { sequence: 3, actions: everyAction, priority: true };
const short: TransactionBody = { sequence: 0, actions: [everyAction[6] as Action] };

const signed = (value: TransactionBody = short, by = key, chain = chainID): Uint8Array =>
  signTransaction(value, { chainID: chain, key: by });

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'utf8'));

interface Envelope {
  readonly body: string;
  readonly publicKey: string;
  readonly signature: string;
}
const envelopeOf = (bytes: Uint8Array): Envelope => JSON.parse(textOf(bytes)) as Envelope;

/** An envelope in its canonical form, whatever it says. */
const seal = (envelope: object): Uint8Array => bytesOf(encodeCanonical(envelope, 'envelope'));

/** A transaction whose body is any text, signed as it should be. */
const signText = (text: string): Uint8Array => {
  const hash = createHash('sha256').update(text).digest('hex');
  const message = Buffer.from(`swingset-kernel transaction 1\n${chainID}\n${hash}`);
  return seal({
    body: text,
    publicKey: Buffer.from(key.publicKey).toString('hex'),
    signature: Buffer.from(ed25519.sign(message, key.secretKey)).toString('hex'),
  });
};

const refusal = (bytes: Uint8Array, chain = chainID) =>
  failureOf(() => decodeTransaction(bytes, chain));

const littleEndian = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
const toLittleEndian = (value: bigint): Buffer =>
  Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const FIELD = 2n ** 255n - 19n;

describe('transactions', () => {
  it('decode to what was signed', () => {
    const bytes = signed(body);
    expect(decodeTransaction(bytes, chainID)).to.deep.equal({
      hash: transactionHash(bytes),
      sender: key.address,
      publicKey: key.publicKey,
      sequence: 3,
      priority: true,
      actions: everyAction,
      size: bytes.length,
    });
    expect(decodeTransaction(signed(), chainID).priority).to.equal(false);
  });

  it('have addresses made of their keys', () => {
    expect(key.address)
      .to.equal(addressOf(key.publicKey))
      .and.match(/^swing1[0-9a-f]{40}$/);
    expect(isAddress(key.address)).to.equal(true);
    for (const other of [`${key.address}0`, key.address.toUpperCase(), 'swing1', '']) {
      expect(isAddress(other)).to.equal(false);
    }
    expect(keyOf(2).address).not.to.equal(key.address);
    expect(makeKey().address).not.to.equal(makeKey().address);
  });

  it('have the same bytes for the same body, whatever the order of its fields', () => {
    const { sequence, actions } = body;
    expect(signed({ priority: true, actions, sequence })).to.deep.equal(signed(body));
  });

  it('round trip whatever a message says', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.nat(), fc.constant(null))),
        (sequence, method, args) => {
          const actions: readonly Action[] = [{ type: 'message', to: 'x', method, args }];
          const decoded = decodeTransaction(signed({ sequence, actions }), chainID);
          expect(decoded).to.deep.include({ sequence, actions });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are those of one chain', () => {
    const error = refusal(signed(short, key, 'other-1'));
    expect(error).to.include({ fault: 'signature', field: 'transaction.signature' });
    expect(error.message).to.match(/: expected the signature of [0-9a-f]{64} for chain swingset-1/);
    for (const bad of ['', 'two words', 'line\nbreak', 'x'.repeat(51), 'é']) {
      expect(() => signed(short, key, bad)).to.throw(/^chainID: expected 1 to 50 printable/);
      expect(() => decodeTransaction(signed(), bad)).to.throw(/^chainID: /);
    }
  });

  describe('have one byte form:', () => {
    it('no change of any one byte passes', () => {
      const bytes = signed();
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
          const changed = Uint8Array.from(bytes);
          changed[at] = (changed[at] ?? 0) ^ flip;
          refusal(changed);
        }),
        { numRuns: 200 },
      );
    });

    it('nothing that is added, taken away, doubled or moved passes', () => {
      const bytes = signed();
      const place = fc.nat(bytes.length);
      const random = fc.uint8Array({ maxLength: 4 });
      fc.assert(
        fc.property(place, place, place, random, (a, b, target, added) => {
          const [from, to] = a < b ? [a, b] : [b, a];
          const without = [...bytes.subarray(0, from), ...bytes.subarray(to)];
          const changed = Uint8Array.from([
            ...without.slice(0, target),
            ...added,
            ...bytes.subarray(from, to),
            ...without.slice(target),
          ]);
          fc.pre(Buffer.compare(changed, bytes) !== 0);
          refusal(changed);
        }),
        { numRuns: 200 },
      );
    });

    it('another order of fields, other spaces and repeated fields are refused', () => {
      const { body: inner, publicKey, signature } = envelopeOf(signed());
      const others = [
        JSON.stringify({ signature, body: inner, publicKey }),
        JSON.stringify({ body: inner, publicKey, signature }, undefined, 1),
        `${JSON.stringify({ body: inner, publicKey, signature })} `,
        JSON.stringify({ body: inner, publicKey, signature }).replace(
          '{',
          `{"body":${JSON.stringify(inner)},`,
        ),
        JSON.stringify({ body: inner, publicKey, signature }).replace('cancel', '\\u0063ancel'),
      ];
      for (const other of others) {
        expect(JSON.parse(other)).to.deep.equal({ body: inner, publicKey, signature });
        expect(refusal(bytesOf(other))).to.include({ fault: 'canonical', field: 'transaction' });
      }
    });

    it('a body that is signed, but not canonical, is refused', () => {
      const text = encodeCanonical(short, 'body');
      const others: readonly (readonly [text: string, fault: string])[] = [
        [text.replace('{', '{ '), 'canonical'],
        [JSON.stringify({ sequence: 0, actions: short.actions }), 'canonical'],
        [text.replace('"sequence":0', '"sequence":-0'), 'canonical'],
        [text.replace('"sequence":0', '"sequence":0e1'), 'canonical'],
        [text.replace('"sequence":0', '"sequence":1,"sequence":0'), 'canonical'],
        [text.replace('"sequence":0', '"sequence":9007199254740992'), 'canonical'],
        [text.replace('"upgrade-2"', '"\\ud800"'), 'canonical'],
        [`[${text}`, 'encoding'],
        ['['.repeat(1000), 'depth'],
      ];
      expect(decodeTransaction(signText(text), chainID)).to.include({ sequence: 0 });
      for (const [other, fault] of others) {
        expect(refusal(signText(other)), other).to.include({ fault });
      }
    });

    it('hexadecimal digits in capitals are refused', () => {
      const envelope = envelopeOf(signed());
      for (const field of ['publicKey', 'signature'] as const) {
        const other = seal({ ...envelope, [field]: envelope[field].toUpperCase() });
        expect(refusal(other)).to.include({ fault: 'field', field: `transaction.${field}` });
      }
    });

    it('signatures with another S of the same residue are refused', () => {
      const envelope = envelopeOf(signed());
      const signature = Buffer.from(envelope.signature, 'hex');
      const s = littleEndian(signature.subarray(32));
      expect(s < ORDER).to.equal(true);
      for (let times = 1n; s + times * ORDER < 2n ** 256n; times += 1n) {
        const other = Buffer.concat([
          signature.subarray(0, 32),
          toLittleEndian(s + times * ORDER),
        ]).toString('hex');
        expect(refusal(seal({ ...envelope, signature: other }))).to.include({ fault: 'signature' });
      }
    });

    it('keys of small order and points that are not reduced are refused', () => {
      const identity = toLittleEndian(1n);
      const keys = [
        identity,
        toLittleEndian(0n),
        toLittleEndian(FIELD - 1n),
        // The identity once more, not reduced, and with the sign of a zero.
        toLittleEndian(FIELD + 1n),
        toLittleEndian(1n + 2n ** 255n),
        // Of order 8.
        Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex'),
        Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'hex'),
      ];
      const { body: inner } = envelopeOf(signed());
      for (const publicKey of keys) {
        for (const r of keys) {
          // S = 0: the equation holds for each message in which the cofactor clears everything.
          const signature = Buffer.concat([r, toLittleEndian(0n)]).toString('hex');
          const other = seal({ body: inner, publicKey: publicKey.toString('hex'), signature });
          expect(refusal(other)).to.include({ fault: 'signature' });
        }
      }
    });

    it('a signature of another body is refused', () => {
      const envelope = envelopeOf(signed());
      const { signature } = envelopeOf(signed({ ...short, sequence: 1 }));
      expect(refusal(seal({ ...envelope, signature }))).to.include({ fault: 'signature' });
      const { publicKey } = envelopeOf(signed(short, keyOf(2)));
      expect(refusal(seal({ ...envelope, publicKey }))).to.include({ fault: 'signature' });
    });
  });

  describe('are bounded:', () => {
    it('in bytes, before anything reads them', () => {
      const bytes = signed();
      expect(decodeTransaction(bytes, chainID, bytes.length)).to.include({ size: bytes.length });
      const error = failureOf(() => decodeTransaction(bytes, chainID, bytes.length - 1));
      expect(error).to.include({ fault: 'size' });
      expect(error.message).to.equal(
        `transaction: expected at most ${bytes.length - 1} bytes, got ${bytes.length} bytes`,
      );
      expect(refusal(new Uint8Array(MAX_TRANSACTION_BYTES + 1))).to.include({ fault: 'size' });
    });

    it('in depth, before anything parses them', () => {
      expect(refusal(bytesOf('['.repeat(MAX_TRANSACTION_BYTES)))).to.include({ fault: 'depth' });
      const bomb = '['.repeat(MAX_TRANSACTION_BYTES / 2);
      expect(refusal(seal({ body: bomb, publicKey: '', signature: '' }))).to.include({
        fault: 'field',
      });
      expect(refusal(signText(bomb))).to.include({ fault: 'depth', field: 'body' });
    });

    it('in the length of their errors, whatever they say', () => {
      const long = 'x'.repeat(100_000);
      const texts = [
        JSON.stringify({ actions: [], [long]: 1, sequence: 0 }),
        JSON.stringify({ actions: [{ [long]: 1, type: 'bridge' }], sequence: 0 }),
        JSON.stringify({ actions: [{ type: long }], sequence: 0 }),
        JSON.stringify({ actions: [{ args: [], method: long, to: 'a', type: 'message' }] }),
        JSON.stringify({ [long]: { [long]: 1.5 } }),
      ];
      for (const text of texts) {
        const { message } = refusal(signText(text));
        expect(message.length).to.be.lessThan(1100);
        expect(message.isWellFormed()).to.equal(true);
      }
    });

    it('in problems: the first of very many is told', () => {
      const actions = Array.from({ length: 100_000 }, () => ({}));
      const error = refusal(signText(JSON.stringify({ actions, sequence: 0 })));
      expect(error.message).to.match(/^body.actions: expected a list of 1 to 100 actions, got \[/);
    });
  });

  it('are refused with the field and the value', () => {
    const refused: readonly (readonly [text: string, message: string])[] = [
      ['', 'transaction: expected JSON, got ""'],
      ['nonsense', 'transaction: expected JSON, got "nonsense"'],
      ['[]', 'transaction: expected a record of body, publicKey and signature, got []'],
      ['null', 'transaction: expected a record of body, publicKey and signature, got null'],
      [
        '{"body":"","publicKey":""}',
        'transaction: expected a record of body, publicKey and signature, ' +
          'got {"body":"","publicKey":""}',
      ],
      ['{"body":{},"publicKey":"","signature":""}', 'transaction.body: expected a text, got {}'],
      [
        '{"body":"{}","publicKey":"abc","signature":""}',
        'transaction.publicKey: expected 64 hexadecimal digits (0-9, a-f), got "abc"',
      ],
    ];
    for (const [text, message] of refused) {
      expect(refusal(bytesOf(text)).message).to.equal(message);
    }
    expect(refusal(Uint8Array.of(0x22, 0xff, 0x22)).message).to.equal(
      'transaction: expected UTF-8, got other bytes',
    );
    // An over-long encoding of a slash.
    expect(refusal(Uint8Array.of(0x22, 0xc0, 0xaf, 0x22))).to.include({ fault: 'encoding' });
  });
});
