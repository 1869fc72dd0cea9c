/** Answers a query with a row and the proof of it, or with the proof that there is none. */
import { refusalOf, type Refusal } from '../codes.js';
import { heightOf, type CommittedView } from '../committed-view.js';
import { appHashOf } from '../tree/app-hash.js';
import { prove, rootOfProof } from '../tree/proof.js';
import { encodeProof } from '../tree/row-proof.js';
import type { QueryResult } from '../types.js';
import { readRow, ROW_KEYS, rowKeyOf } from './rows.js';

export type ProvenAnswer =
  | { readonly kind: 'proven'; readonly row: Pick<QueryResult, 'key' | 'value' | 'proof'> }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

export const proveRow = (view: CommittedView, path: string): ProvenAnswer => {
  const key = rowKeyOf(path);
  if (key === undefined) {
    const paths = `/row/<key>, /storage/<path> or /result/<action>, with a key ${ROW_KEYS}`;
    const log = `prove: expected ${paths}, got ${JSON.stringify(path)}`;
    return { kind: 'refused', refusal: refusalOf('query', log) };
  }
  const value = readRow(view.rows, key) ?? null;
  const proof = prove(view.rows, key);
  const activityhash = view.readActivityhash();
  const root = rootOfProof(key, value, proof);
  // Between a commit and the note of it, the rows are newer than the view.
  if (!root || !appHashOf(activityhash, root).equals(view.lastBlock.result.appHash)) {
    const log =
      `prove: the rows are not those of height ${heightOf(view)}: a block is being committed, or ` +
      'the store is damaged. Ask again';
    return { kind: 'refused', refusal: refusalOf('notReady', log) };
  }
  return {
    kind: 'proven',
    row: {
      key: bytes(key),
      value: bytes(value ?? ''),
      proof: encodeProof(key, proof, activityhash),
    },
  };
};
