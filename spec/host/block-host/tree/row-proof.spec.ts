import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Rows } from '../../../../lib/host/block-host/rows.js';
import { appHashOf } from '../../../../lib/host/block-host/tree/app-hash.js';
import { prove } from '../../../../lib/host/block-host/tree/proof.js';
import {
  encodeProof,
  verifyRowProof,
  type ProvenRow,
} from '../../../../lib/host/block-host/tree/row-proof.js';
import { openStateTree } from '../../../../lib/host/block-host/tree/state-tree.js';
import { initSwingStore } from '../../../../lib/store/swing-store.js';
import { crowdedKeys } from './reference.js';

const activityhash = 'ab'.repeat(32);
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

const stateOf = (entries: Iterable<readonly [string, string]>, hash = activityhash) => {
  const values = new Map(entries);
  const rows: Rows = initSwingStore(null).hostStorage.kvStore;
  const tree = openStateTree(rows);
  for (const [key, value] of values) tree.note(key, value);
  const appHash = appHashOf(hash, tree.root());
  const answer = (key: string): ProvenRow => ({
    key,
    value: bytes(values.get(key) ?? ''),
    proofOps: encodeProof(key, prove(rows, key), hash),
  });
  return { appHash, answer };
};

const refusal = (appHash: Uint8Array, answer: ProvenRow): string => {
  try {
    verifyRowProof(appHash, answer);
  } catch (error) {
    expect(error).to.include({ code: 'BAD_PROOF', key: answer.key });
    return (error as Error).message;
  }
  throw Error('it was accepted');
};

const crowded = crowdedKeys(3, 300);

describe('proofs of rows', () => {
  it('show the bytes of each row, and the absence of others', () => {
    const key = fc.oneof(fc.constantFrom(...crowded), fc.string());
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, fc.string())),
        fc.array(key, { maxLength: 10 }),
        (rows, others) => {
          const entries = new Map(rows);
          const { appHash, answer } = stateOf(entries);
          for (const each of [...entries.keys(), ...others]) {
            const value = entries.get(each);
            const expected = value === undefined ? null : bytes(value);
            expect(verifyRowProof(appHash, answer(each))).to.eql(expected);
            expect(refusal(Buffer.alloc(32), answer(each))).to.match(/ does not lead to the app/);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('tell an empty row from none, and a store that has run no crank', () => {
    const { appHash, answer } = stateOf([['c.empty', '']], '');
    expect(verifyRowProof(appHash, answer('c.empty'))).to.eql(bytes(''));
    expect(verifyRowProof(appHash, answer('c.none'))).to.equal(null);
    expect(answer('c.none').proofOps[1]?.data).to.have.length(0);
  });

  it('have the bytes that docs/chain.md describes', () => {
    const [tree, app] = stateOf([['c.a', '1']]).answer('c.a').proofOps;
    expect(tree).to.deep.include({ type: 'swingset:tree', key: bytes('c.a') });
    // One branch, whose only child is the key's own leaf.
    const first = createHash('sha256').update('c.a').digest()[0]! >> 4;
    const bitmap = 1 << first;
    expect([...tree!.data]).to.eql([1, bitmap >> 8, bitmap & 255, 1]);
    expect(app).to.eql({
      type: 'swingset:app',
      key: new Uint8Array(),
      data: Uint8Array.from(Buffer.from(activityhash, 'hex')),
    });
  });

  it('show nothing after any change of a byte, of the value or of the key', () => {
    const { appHash, answer } = stateOf(crowded.map(key => [key, `${key}!`]));
    for (const key of [crowded[0]!, 'absent', 'absent too']) {
      const whole = answer(key);
      for (const [step, op] of whole.proofOps.entries()) {
        for (let at = 0; at < op.data.length; at += 1) {
          const data = Uint8Array.from(op.data);
          data[at]! ^= 1 << (at % 8);
          refusal(appHash, { ...whole, proofOps: whole.proofOps.with(step, { ...op, data }) });
          const short = op.data.slice(0, at);
          refusal(appHash, {
            ...whole,
            proofOps: whole.proofOps.with(step, { ...op, data: short }),
          });
        }
      }
      refusal(appHash, { ...whole, value: bytes('other') });
      expect(refusal(appHash, { ...whole, key: 'another' })).to.match(/ is of another key$/);
      expect(refusal(appHash, { ...whole, proofOps: [] })).to.equal(
        `the proof of "${key}" must have the steps swingset:tree and swingset:app, not none`,
      );
      expect(refusal(appHash, { ...whole, proofOps: whole.proofOps.toReversed() })).to.match(
        /not swingset:app, swingset:tree$/,
      );
    }
    expect(refusal(appHash, { ...answer('absent'), value: bytes('x') })).to.match(
      /shows no row, but comes with 1 bytes of one$/,
    );
    // The proof of a row is none of its absence.
    const present = answer(crowded[0]!);
    refusal(appHash, { ...present, value: new Uint8Array() });
  });
});
