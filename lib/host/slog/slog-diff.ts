/**
 * Finds where two slogs begin to differ, as two replicas' slogs must not. Times and durations are
 * ignored, and so are entries about one machine: which workers it keeps, and what it replays.
 */
import { isDeepStrictEqual } from 'node:util';
import type { SlogEntry } from '../../types/slog.js';
import type { SlogLine } from './read-slog.js';

const TIMES: ReadonlySet<string> = new Set([
  ...['time', 'monotime', 'seconds', 'ms'],
  ...['compressSeconds', 'dbSaveSeconds', 'archiveWriteSeconds'],
]);

/** Entries that replicas need not share. */
const LOCAL: ReadonlySet<string> = new Set([
  ...['console', 'vat-evict', 'vat-startup-start', 'vat-startup-finish'],
  ...['start-replay', 'finish-replay', 'replay-metering-difference'],
  ...['preload-finish', 'vat-preload-failed'],
  ...['heap-snapshot-load', 'heap-snapshot-pack', 'heap-snapshot-failed'],
  ...['platform-differs'],
]);

const withoutTimes = (entry: SlogEntry): SlogEntry =>
  Object.fromEntries(Object.entries(entry).filter(([field]) => !TIMES.has(field))) as {
    readonly type: string;
  };

export interface DiffSide {
  readonly file: string;
  readonly line: number;
  readonly entry: SlogEntry;
}

export interface SlogDifference {
  /** Undefined where one slog has ended. */
  readonly left: DiffSide | undefined;
  readonly right: DiffSide | undefined;
  /** The first place in the entries that differs, for example `kd.2.methargs.body`. */
  readonly at: string;
  /** The last entries that both have, oldest first, as the left one has them. */
  readonly before: readonly DiffSide[];
}

export interface SlogDiff {
  /** How many entries are equal before the first difference. */
  readonly equal: number;
  /** Undefined if there is none. */
  readonly difference: SlogDifference | undefined;
  /** Lines that were cut off, as far as both were read. What they said is missing in the comparison. */
  readonly skippedLines: { readonly left: number; readonly right: number };
}

export interface SlogDiffOptions {
  /** How many entries to show before the difference. Default 3. */
  readonly context?: number;
  /** Compare also what replicas need not share. */
  readonly all?: boolean;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** The path to the first part that differs. */
const pathOf = (left: unknown, right: unknown): readonly string[] => {
  if (!isRecord(left) || !isRecord(right)) return [];
  const fields = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const first = fields.find(name => !isDeepStrictEqual(left[name], right[name]));
  return first === undefined ? [] : [first, ...pathOf(left[first], right[first])];
};

async function* comparable(
  lines: AsyncIterable<SlogLine>,
  all: boolean,
  onSkip: () => void,
): AsyncGenerator<DiffSide, void> {
  for await (const { file, line, entry } of lines) {
    if (!entry) onSkip();
    else if (all || !LOCAL.has(entry.type)) yield { file, line, entry: withoutTimes(entry) };
  }
}

/** Reads both only as far as they are equal. */
export const diffSlogs = async (
  left: AsyncIterable<SlogLine>,
  right: AsyncIterable<SlogLine>,
  { context = 3, all = false }: SlogDiffOptions = {},
): Promise<SlogDiff> => {
  const skippedLines = { left: 0, right: 0 };
  const sides = [
    comparable(left, all, () => (skippedLines.left += 1)),
    comparable(right, all, () => (skippedLines.right += 1)),
  ] as const;
  const before: DiffSide[] = [];
  let equal = 0;
  try {
    for (;;) {
      const [a, b] = await Promise.all([sides[0].next(), sides[1].next()]);
      const [l, r] = [a.done ? undefined : a.value, b.done ? undefined : b.value];
      if (!l && !r) return { equal, difference: undefined, skippedLines };
      if (!l || !r || !isDeepStrictEqual(l.entry, r.entry)) {
        const at = pathOf(l?.entry, r?.entry).join('.');
        return { equal, difference: { left: l, right: r, at, before }, skippedLines };
      }
      equal += 1;
      before.push(l);
      if (before.length > context) before.shift();
    }
  } finally {
    await Promise.all(sides.map(side => side.return()));
  }
};
