/**
 * The tree of texts that vats write through the bridge's port `storage` and clients read, as in
 * cosmic-swingset. A path has segments between dots. A node without a text exists while one below
 * it has a text.
 */
import { keysWithPrefix, type RowReader, type Rows } from '../rows.js';
import { chainKey } from './schema.js';

const PREFIX = chainKey('storage.');
/** The character after the dot: no path has it. */
const AFTER_DOT = '/';
const PATH = /^[A-Za-z0-9_-]{1,100}(\.[A-Za-z0-9_-]{1,100})*$/;
const MAX_PATH = 1000;

export const isStoragePath = (path: unknown): path is string =>
  typeof path === 'string' && path.length <= MAX_PATH && PATH.test(path);

/** The key of the row with a path's text. */
export const storageKey = (path: string): string => PREFIX + path;

export const readStorage = (rows: RowReader, path: string): string | undefined =>
  rows.get(storageKey(path));

export const writeStorage = (rows: Rows, path: string, value: string | undefined): void => {
  if (value === undefined) rows.delete(storageKey(path));
  else rows.set(storageKey(path), value);
};

/** Is there a text at the path or below it? */
export const hasStorage = (rows: RowReader, path: string): boolean => {
  if (readStorage(rows, path) !== undefined) return true;
  const [first] = keysWithPrefix(rows, `${PREFIX}${path}.`);
  return first !== undefined;
};

/**
 * Names of the nodes right below a path; of the tops for an empty one. In order.
 * @param limit - No more than so many.
 */
export const storageChildren = (
  rows: RowReader,
  path: string,
  limit = Number.POSITIVE_INFINITY,
): readonly string[] => {
  const below = path === '' ? PREFIX : `${PREFIX}${path}.`;
  const found = new Set<string>();
  let key = rows.getNextKey(below);
  while (key?.startsWith(below) && found.size < limit) {
    const [name = '', ...deeper] = key.slice(below.length).split('.');
    found.add(name);
    // Skips what is below the child.
    key = rows.getNextKey(deeper.length > 0 ? `${below}${name}${AFTER_DOT}` : key);
  }
  return [...found].sort();
};
