/**
 * Applies a set of changes to the tree. It visits each branch above a change once, and writes each
 * branch that differs afterwards once.
 *
 * Invariants, which make the tree's shape a function of its keys:
 * 1. A leaf is at the shallowest depth at which no other key shares its path.
 * 2. So each branch but the root has at least two leaves below it.
 */
import {
  hashOfBranch,
  makeLeaf,
  noChildren,
  present,
  type Child,
  type Children,
  type Leaf,
} from './branch.js';
import type { BranchRows } from './branch-rows.js';
import { nibbleAt } from './hashes.js';

export interface Change {
  readonly keyHash: Buffer;
  /** Undefined deletes the key. */
  readonly valueHash: Buffer | undefined;
}

const byNibble = <T extends { readonly keyHash: Buffer }>(
  items: readonly T[],
  depth: number,
): Map<number, T[]> => {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const nibble = nibbleAt(item.keyHash, depth);
    const group = groups.get(nibble);
    if (group) group.push(item);
    else groups.set(nibble, [item]);
  }
  return groups;
};

const pathTo = (path: string, nibble: number): string => `${path}${nibble.toString(16)}`;

/** Writes new branches for leaves that share a path. */
const place = (branches: BranchRows, path: string, leaves: readonly Leaf[]): Child | undefined => {
  if (leaves.length <= 1) return leaves[0];
  const children = [...noChildren];
  for (const [nibble, group] of byNibble(leaves, path.length)) {
    children[nibble] = place(branches, pathTo(path, nibble), group);
  }
  branches.write(path, children);
  return { kind: 'branch', hash: hashOfBranch(children) };
};

const haveSameHashes = (a: Children, b: Children): boolean =>
  a.every((child, index) => {
    const other = b[index];
    return child === other || (child && other && child.hash.equals(other.hash));
  });

/** The children of a branch after the changes; `undefined` if none differs. */
const changedChildren = (
  branches: BranchRows,
  path: string,
  changes: readonly Change[],
): Children | undefined => {
  const before = branches.read(path);
  const after = [...before];
  for (const [nibble, group] of byNibble(changes, path.length)) {
    after[nibble] = updateChild(branches, pathTo(path, nibble), before[nibble], group);
  }
  return haveSameHashes(before, after) ? undefined : after;
};

/** What stands at `path` after the changes, where `child` stands now. */
const updateChild = (
  branches: BranchRows,
  path: string,
  child: Child | undefined,
  changes: readonly Change[],
): Child | undefined => {
  if (child?.kind !== 'branch') {
    const keeps = child && !changes.some(({ keyHash }) => keyHash.equals(child.keyHash));
    const leaves = changes.flatMap(({ keyHash, valueHash }) =>
      valueHash ? [makeLeaf(keyHash, valueHash)] : [],
    );
    return place(branches, path, keeps ? [child, ...leaves] : leaves);
  }
  const children = changedChildren(branches, path, changes);
  if (children === undefined) return child;
  const [first, ...others] = present(children);
  if (others.length === 0 && first?.kind !== 'branch') {
    // Invariant 2: a lone leaf moves up.
    branches.delete(path);
    return first;
  }
  branches.write(path, children);
  return { kind: 'branch', hash: hashOfBranch(children) };
};

/** Applies changes, one for each key, and writes the rows that differ. */
export const applyChanges = (branches: BranchRows, changes: readonly Change[]): void => {
  const root = changedChildren(branches, '', changes);
  if (root === undefined) return;
  if (present(root).length === 0) branches.delete('');
  else branches.write('', root);
};
