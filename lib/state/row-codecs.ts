/** Codecs of rows with a syntax of their own, as SwingSet writes them. */
import { parseVRef, type VRef } from '../types/ids.js';
import { count, json, type Codec, type Shape } from './codecs.js';
import { vref } from './shapes.js';

export interface ClistEntry {
  readonly vref: VRef;
  readonly reachable: boolean;
  readonly isExport: boolean;
}

const readEntry = (ref: string, reachable: boolean): ClistEntry | undefined =>
  vref.is(ref) ? { vref: ref, reachable, isExport: parseVRef(ref).allocatedByVat } : undefined;

/** For example `R o+0` or `_ o-50`. */
export const vatEntry: Codec<ClistEntry> = {
  what: '"R" or "_" and a vref',
  decode: row => {
    const reachable = row.startsWith('R ');
    return reachable || row.startsWith('_ ') ? readEntry(row.slice(2), reachable) : undefined;
  },
  encode: ({ vref: ref, reachable }) => `${reachable ? 'R' : '_'} ${ref}`,
};

/** Devices have no flag. */
export const deviceEntry: Codec<ClistEntry> = {
  what: vref.what,
  decode: row => readEntry(row, true),
  encode: ({ vref: ref }) => ref,
};

export interface ObjectRefCount {
  readonly reachable: number;
  readonly recognizable: number;
}

export const objectCount: Codec<ObjectRefCount> = {
  what: 'a count "reachable,recognizable"',
  decode: row => {
    const [, first, second] = /^(\d+),(\d+)$/.exec(row) ?? [];
    const [reachable, recognizable] = [Number(first), Number(second)];
    return count.is(recognizable) && reachable <= recognizable
      ? { reachable, recognizable }
      : undefined;
  },
  encode: ({ reachable, recognizable }) => `${reachable},${recognizable}`,
};

const bounds: Shape<readonly [head: number, tail: number]> = {
  what: 'the bounds of a queue, [head, tail]',
  is: (value): value is readonly [number, number] =>
    Array.isArray(value) &&
    value.length === 2 &&
    value.every(count.is) &&
    (value[0] as number) <= (value[1] as number),
};
export const queueBounds = json(bounds);

/** Far more digits of computrons than anybody charges or grants. */
const MAX_DIGITS = 100;

export const amount: Codec<bigint> = {
  what: 'a number of computrons',
  decode: row => (/^\d+$/.test(row) && row.length <= MAX_DIGITS ? BigInt(row) : undefined),
  encode: value => `${value}`,
};
