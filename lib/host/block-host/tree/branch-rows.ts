/**
 * The tree's branches in the store: a row `host.tree.<path>` for each, where the path is four bits
 * of sha256(key) per hexadecimal digit. Keeps the branches used last in memory.
 */
import { DamagedRowError } from '../../../errors.js';
import type { RowReader, Rows } from '../rows.js';
import { decodeBranch, encodeBranch, noChildren, type Children } from './branch.js';

export const TREE_PREFIX = 'host.tree.';

/** @throws DamagedRowError if the row is missing, except for the root, or is no branch */
export const readBranch = (rows: Pick<RowReader, 'get'>, path: string): Children => {
  const key = `${TREE_PREFIX}${path}`;
  const text = rows.get(key);
  // The tree of no entries has no rows.
  if (text === undefined && path === '') return noChildren;
  const children = text === undefined ? undefined : decodeBranch(text);
  if (children === undefined) throw new DamagedRowError(key, text, 'a branch of the state tree');
  return children;
};

export interface BranchRows {
  read(path: string): Children;
  write(path: string, children: Children): void;
  delete(path: string): void;
  /** Forgets what is in memory. */
  forget(): void;
}

/** @param limit - how many branches to keep in memory, each of up to about 4 kB */
export const makeBranchRows = (rows: Rows, limit: number): BranchRows => {
  // A Map keeps insertion order, so the first entry is the one used least recently.
  const cache = new Map<string, Children>();
  const remember = (path: string, children: Children): void => {
    cache.delete(path);
    cache.set(path, children);
    if (cache.size > limit) {
      cache.delete(cache.keys().next().value!);
    }
  };
  return {
    read: path => {
      const children = cache.get(path) ?? readBranch(rows, path);
      remember(path, children);
      return children;
    },
    write: (path, children) => {
      rows.set(`${TREE_PREFIX}${path}`, encodeBranch(children));
      remember(path, children);
    },
    delete: path => {
      rows.delete(`${TREE_PREFIX}${path}`);
      cache.delete(path);
    },
    forget: () => {
      cache.clear();
    },
  };
};
