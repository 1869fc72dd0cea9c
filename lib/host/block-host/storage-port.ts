/**
 * The bridge's port `storage`, as cosmic-swingset has it: vats call
 * `callOutbound('storage', { method, args })`.
 *
 * | method | args | answer |
 * | --- | --- | --- |
 * | `set`, `legacySet` | `[path, value]`…; no value deletes | true; one event each |
 * | `setWithoutNotify` | the same | true |
 * | `append` | `[path, value]`… | true; adds to the values of this block |
 * | `get` | path | the text, or null |
 * | `has` | path | is there a text at the path or below it? |
 * | `children` | path | names of the nodes right below |
 * | `entries` | path | `[name, text or null]` of each of them |
 * | `values` | path | the texts of each of them |
 * | `size` | path | how many there are |
 * | `getStoreKey` | path | where a client finds the text: `{ storeName, storeSubkey }` |
 *
 * What throws here fails the vat's call. All answers follow from the state.
 */
import { BadOptionError } from '../../errors.js';
import type { BlockEffects } from './block-effects.js';
import {
  hasStorage,
  isStoragePath,
  readStorage,
  storageChildren,
  writeStorage,
} from './tables/storage.js';

const MAX_VALUE = 1_000_000;

const insistPath = (path: unknown): string => {
  if (isStoragePath(path)) return path;
  const expected = 'a path of segments (letters, digits, - and _) between dots';
  throw new BadOptionError('storage path', path, expected);
};

const insistValue = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined;
  // The store would replace lone surrogates later.
  if (typeof value === 'string' && value.length <= MAX_VALUE) return value.toWellFormed();
  throw new BadOptionError('storage value', value, `a text of at most ${MAX_VALUE} characters`);
};

const readEntry = (entry: unknown): readonly [path: string, value: string | undefined] => {
  if (!Array.isArray(entry) || entry.length < 1 || entry.length > 2) {
    throw new BadOptionError('storage entry', entry, '[path, value]');
  }
  return [insistPath(entry[0]), insistValue(entry[1])];
};

interface StreamCell {
  readonly blockHeight: string;
  readonly values: readonly string[];
}

const readCell = (text: string | undefined): Partial<StreamCell> => {
  try {
    const cell = JSON.parse(text ?? '{}') as Partial<StreamCell> | null;
    return cell !== null && Array.isArray(cell.values) ? cell : {};
  } catch {
    return {};
  }
};

/** Answers one call of a vat. @throws BadOptionError, which fails the call */
export const serveStorage = (
  { rows, events, height, room }: BlockEffects,
  message: unknown,
): unknown => {
  const { method, args = [] } = (message ?? {}) as { method?: unknown; args?: unknown };
  if (!Array.isArray(args)) throw new BadOptionError('storage args', args, 'an array');
  const list = args as readonly unknown[];
  const notify = (path: string, value: string | undefined) =>
    events.push({
      type: 'swingset_storage',
      attributes: [
        ['path', path],
        ['value', value ?? ''],
      ],
    });
  const setAll = (isSilent: boolean) => {
    // All are checked before the first is written.
    const entries = list.map(readEntry);
    room.take(entries.map(([path, value = '']) => [path, value]));
    for (const [path, value] of entries) {
      writeStorage(rows, path, value);
      if (!isSilent) notify(path, value);
    }
    return true;
  };
  const appendAll = () => {
    for (const [path, value] of list.map(readEntry)) {
      if (value === undefined) throw new BadOptionError('storage value', value, 'a text');
      const cell = readCell(readStorage(rows, path));
      const blockHeight = String(height);
      const before = cell.blockHeight === blockHeight ? (cell.values ?? []) : [];
      const text = JSON.stringify({ blockHeight, values: [...before, value] });
      const cellText = insistValue(text);
      room.take([[path, text]]);
      writeStorage(rows, path, cellText);
      notify(path, text);
    }
    return true;
  };
  const children = () => {
    const [path] = list;
    const names = storageChildren(rows, path === '' ? '' : insistPath(path));
    return names.map(
      name => [name, readStorage(rows, path === '' ? name : `${String(path)}.${name}`)] as const,
    );
  };
  switch (method) {
    case 'set':
    case 'legacySet':
      return setAll(false);
    case 'setWithoutNotify':
      return setAll(true);
    case 'append':
      return appendAll();
    case 'get':
      return readStorage(rows, insistPath(list[0])) ?? null;
    case 'has':
      return hasStorage(rows, insistPath(list[0]));
    case 'children':
      return children().map(([name]) => name);
    case 'entries':
      return children().map(([name, text]) => [name, text ?? null]);
    case 'values':
      return children().map(([, text]) => text ?? null);
    case 'size':
      return children().length;
    case 'getStoreKey':
      return { storeName: 'swingset', storeSubkey: `/storage/${insistPath(list[0])}` };
    default:
      throw new BadOptionError('storage method', method, 'set, append, get, has, children, …');
  }
};
