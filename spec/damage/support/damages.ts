/** Damages, as data: what is done to the files of a closed store. */
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { makeRandom } from '../../support/random.js';
import { flipByte, storeFile } from '../../store/support/flip.js';

export type Damage =
  | { readonly kind: 'none' }
  /** One bit of the file. */
  | { readonly kind: 'flip'; readonly offset: number; readonly bit: number }
  | { readonly kind: 'cut'; readonly bytes: number }
  /** A journal that is not the store's. */
  | { readonly kind: 'journal'; readonly from: string; readonly bytes: number }
  /** A row by another connection; null deletes it. */
  | { readonly kind: 'row'; readonly key: string; readonly value: string | null };

export interface DamageCase {
  readonly what: string;
  readonly damage: Damage;
  /** The store whose commit this makes of it, if it has all of that commit. */
  readonly owner?: string;
}

export const inflict = (dirPath: string, damage: Damage): void => {
  const file = storeFile(dirPath);
  switch (damage.kind) {
    case 'none':
      return;
    case 'flip':
      return flipByte(dirPath, damage.offset, 1 << damage.bit);
    case 'cut':
      return truncateSync(file, damage.bytes);
    case 'journal':
      return writeFileSync(`${file}-wal`, readFileSync(damage.from).subarray(0, damage.bytes));
    case 'row': {
      const db = new Database(file);
      if (damage.value === null) db.prepare('DELETE FROM kvStore WHERE key = ?').run(damage.key);
      else {
        db.prepare('INSERT OR REPLACE INTO kvStore (key, value) VALUES (?, ?)').run(
          damage.key,
          damage.value,
        );
      }
      db.close();
      return;
    }
    default:
      damage satisfies never;
  }
};

export const PAGE_BYTES = 4096;

/** One bit of each page. The first page has the file's header, and gets one in each of its parts. */
export const flipsOf = (dirPath: string, seed: number): readonly DamageCase[] => {
  const random = makeRandom(seed);
  const pages = Math.floor(statSync(storeFile(dirPath)).size / PAGE_BYTES);
  const at = (offset: number): DamageCase => {
    const bit = random.below(8);
    const what = `bit ${bit} of byte ${offset % PAGE_BYTES} of page ${Math.floor(offset / PAGE_BYTES) + 1}`;
    return { what, damage: { kind: 'flip', offset, bit } };
  };
  const header = [16, 18, 19, 20, 21, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64, 68, 92, 96];
  return [
    ...header.map(offset => at(offset + random.below(offset === 16 ? 2 : 1))),
    ...Array.from({ length: pages }, (_, page) => at(page * PAGE_BYTES + random.below(PAGE_BYTES))),
  ];
};

/** The file without its end: at and beside the ends of pages, and anywhere. */
export const cutsOf = (dirPath: string, seed: number, count: number): readonly DamageCase[] => {
  const random = makeRandom(seed);
  const { size } = statSync(storeFile(dirPath));
  const pages = Math.floor(size / PAGE_BYTES);
  const ends = [0, 1, 100, 512, PAGE_BYTES, size - PAGE_BYTES, size - 1];
  const drawn = Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? random.below(size) : random.below(pages) * PAGE_BYTES,
  );
  return [...ends, ...drawn].map(bytes => ({
    what: `cut off after ${bytes} of ${size} bytes`,
    damage: { kind: 'cut', bytes },
  }));
};

type Json = unknown;
type Path = readonly (string | number)[];

const pathsOf = (value: Json, path: Path = []): readonly Path[] => {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Array.isArray(value)
    ? value.flatMap((each, index) => pathsOf(each, [...path, index]))
    : Object.entries(value).flatMap(([name, each]) => pathsOf(each, [...path, name]));
  return [path, ...inner];
};

/** Takes a hole in the JSON for a field that is missing. */
const replaceAt = (value: Json, [first, ...rest]: Path, replacement: Json): Json => {
  if (first === undefined) return replacement;
  const inner = (value as Record<string | number, Json>)[first];
  const changed = replaceAt(inner, rest, replacement);
  if (Array.isArray(value)) {
    const before = value.slice(0, first as number);
    return [
      ...before,
      ...(changed === undefined ? [] : [changed]),
      ...value.slice(Number(first) + 1),
    ];
  }
  return { ...(value as object), [first]: changed };
};

const HUGE = 1_000_000;

const OTHERS: readonly (readonly [what: string, value: Json])[] = [
  ['missing', undefined],
  ['null', null],
  ['a list', []],
  ['a record', {}],
  ['an empty text', ''],
  ['another text', 'x'],
  ['a vatID', 'v3'],
  ['a number', 7],
  ['a negative number', -1],
  ['a fraction', 0.5],
  ['true', true],
  ['false', false],
  ['2^53', 2 ** 53],
  ['a huge text', 'x'.repeat(HUGE)],
  ['a huge list', Array.from({ length: HUGE / 10 }, () => 'v3')],
];

const parse = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
};

const wholeRows = (text: string): readonly (readonly [what: string, value: string | null])[] => [
  ['deleted', null],
  ['empty', ''],
  ['cut in half', text.slice(0, text.length >> 1)],
  ['without its last character', text.slice(0, -1)],
  ['twice', text + text],
  ['another text', 'x'],
  ['huge', text + ' '.repeat(HUGE)],
  ['a huge text', 'x'.repeat(HUGE)],
  ['without end', `${text.slice(0, 1)}${'['.repeat(HUGE / 10)}`],
  ['beyond all numbers', '1e999'],
];

const rowsOf = (key: string, text: string): readonly DamageCase[] => {
  const json = parse(text);
  const inside =
    json === undefined
      ? []
      : pathsOf(json).flatMap(path =>
          OTHERS.map(
            ([what, value]) =>
              [
                `${['', ...path].join('/')} ${what}`,
                JSON.stringify(replaceAt(json, path, value)),
              ] as const,
          ),
        );
  return [...wholeRows(text), ...inside]
    .filter(([, value]) => value !== undefined && value !== text)
    .map(([what, value]) => ({ what: `${key} ${what}`, damage: { kind: 'row', key, value } }));
};

/** Each row of the epoch ledger and its like, and the options of each vat; in the row, each field. */
export const rowDamagesOf = (dirPath: string): readonly DamageCase[] => {
  const db = new Database(storeFile(dirPath), { readonly: true });
  const rows = db
    .prepare<[], { key: string; value: string }>(
      `SELECT key, value FROM kvStore WHERE key GLOB 'platformEpoch.*' OR key GLOB 'v[0-9]*.options'
         OR key GLOB 'v[0-9]*.service' OR key IN ('version', 'crankNumber', 'vat.dynamicIDs')
         ORDER BY key`,
    )
    .all();
  db.close();
  return rows.flatMap(({ key, value }) => rowsOf(key, value));
};
