/**
 * A branch of the tree, and its row: base64 of
 *   bitmap of the children | bitmap of the leaves among them | for each child in order:
 *   a branch's hash, or a leaf's sha256(key) and sha256(value)
 * A branch therefore knows its children's hashes without reading their rows, and leaves have none.
 */
import { branchHash, HASH_BYTES, leafHash, WIDTH } from './hashes.js';

export interface Leaf {
  readonly kind: 'leaf';
  readonly keyHash: Buffer;
  readonly valueHash: Buffer;
  readonly hash: Buffer;
}

export type Child = Leaf | { readonly kind: 'branch'; readonly hash: Buffer };

/** One place for each value of four bits. */
export type Children = readonly (Child | undefined)[];

export const noChildren: Children = Array.from({ length: WIDTH }, () => undefined);

export const makeLeaf = (keyHash: Buffer, valueHash: Buffer): Leaf => ({
  kind: 'leaf',
  keyHash,
  valueHash,
  hash: leafHash(keyHash, valueHash),
});

export const bitmapOf = (children: Children): number =>
  children.reduce((bitmap, child, index) => (child ? bitmap | (1 << index) : bitmap), 0);

export const present = (children: Children): Child[] => children.filter(child => child != null);

export const hashOfBranch = (children: Children): Buffer =>
  branchHash(
    bitmapOf(children),
    present(children).map(({ hash }) => hash),
  );

export const encodeBranch = (children: Children): string => {
  const head = Buffer.allocUnsafe(4);
  head.writeUInt16BE(bitmapOf(children), 0);
  head.writeUInt16BE(
    bitmapOf(children.map(child => (child?.kind === 'leaf' ? child : undefined))),
    2,
  );
  const parts = present(children).flatMap(child =>
    child.kind === 'leaf' ? [child.keyHash, child.valueHash] : [child.hash],
  );
  return Buffer.concat([head, ...parts]).toString('base64');
};

/** @returns undefined if the text is no branch */
export const decodeBranch = (text: string): Children | undefined => {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < 4) return undefined;
  const bitmap = bytes.readUInt16BE(0);
  const leaves = bytes.readUInt16BE(2);
  let offset = 4;
  const take = (): Buffer => {
    offset += HASH_BYTES;
    return bytes.subarray(offset - HASH_BYTES, offset);
  };
  const children = noChildren.map((_none, index): Child | undefined => {
    const bit = 1 << index;
    if ((bitmap & bit) === 0) return undefined;
    return (leaves & bit) === 0 ? { kind: 'branch', hash: take() } : makeLeaf(take(), take());
  });
  return offset === bytes.length && (leaves & ~bitmap) === 0 ? children : undefined;
};
