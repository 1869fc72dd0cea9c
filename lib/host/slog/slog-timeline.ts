/** The entries of a slog that tell what became of the kernel and its vats, in order. */
import type { SlogEntry } from '../../types/slog.js';
import { blockHeightOf, numberOf, textOf } from './fields.js';
import type { SlogLine } from './read-slog.js';

export interface TimelineEvent {
  readonly file: string;
  readonly line: number;
  /** Seconds since 1970. */
  readonly time: number | undefined;
  /** Of the crank that the event is part of, or that came before it. */
  readonly crankNum: number | undefined;
  /** Of the entry; `cut-line` where a line was cut off and is skipped. */
  readonly type: string;
  readonly vatID: string | undefined;
  /** A few words; `--json` of the slog itself has everything. */
  readonly detail: string;
}

/** Reads `#"text"` and `#{"#error":"text"}` as text, and leaves other bodies as they are. */
const reasonOf = (info: unknown): string => {
  const { body } = (info ?? {}) as { readonly body?: unknown };
  if (typeof body !== 'string') return '';
  try {
    const value = JSON.parse(body.replace(/^#/, '')) as unknown;
    if (typeof value === 'string') return value;
    const { '#error': message } = (value ?? {}) as { readonly '#error'?: unknown };
    return typeof message === 'string' ? message : body;
  } catch {
    return body;
  }
};

const field = (entry: SlogEntry, name: string): string => {
  const value = entry[name];
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : '';
};

const named = (entry: SlogEntry, ...more: readonly string[]): string =>
  [field(entry, 'name'), ...more].filter(text => text !== '').join(', ');

type Describe = (entry: SlogEntry) => string;

const incarnation: Describe = entry => named(entry, `incarnation ${field(entry, 'incarnation')}`);
const error: Describe = entry => named(entry, field(entry, 'error'));

/** The entries of a timeline, and what to say of each. Times of deliveries are for the summary. */
const DESCRIPTIONS: Readonly<Record<string, Describe>> = {
  'create-vat': entry =>
    named(entry, entry.dynamic === true ? 'dynamic' : 'static', field(entry, 'managerType')),
  'epoch-restart-start': entry =>
    `epoch ${field(entry, 'from') || 'none'} -> ${field(entry, 'epoch')}, ` +
    `${field(entry, 'mode')}, ${field(entry, 'vats')} vats`,
  'epoch-restart-vat': entry => named(entry, field(entry, 'result'), field(entry, 'error')),
  'epoch-restart-warning': entry => field(entry, 'message'),
  'epoch-restart-finish': entry => `epoch ${field(entry, 'epoch')}, ${field(entry, 'vats')} vats`,
  'epoch-rolling': entry => `${field(entry, 'sleeping')} vats still sleep`,
  'epoch-rolling-finish': entry => `epoch ${field(entry, 'epoch')}`,
  'heap-policy-restart': () => 'its heap has grown',
  'heap-snapshot-failed': error,
  'late-start': entry => named(entry, field(entry, 'result'), field(entry, 'error')),
  'platform-differs': entry => `epoch ${field(entry, 'epoch')}`,
  terminate: entry => reasonOf(entry.info),
  'vat-cleanup-complete': () => '',
  'vat-preload-failed': error,
  'vat-restart-failed': error,
  'vat-restart-finish': incarnation,
  'vat-upgrade-finish': incarnation,
};

/** The type of an event for a line that was cut off: a kernel was killed while it wrote. */
export const CUT_LINE = 'cut-line';

export async function* timelineOf(
  lines: AsyncIterable<SlogLine>,
): AsyncGenerator<TimelineEvent, void> {
  let crankNum: number | undefined;
  for await (const { file, line, entry } of lines) {
    if (!entry) {
      const detail = `${file}:${line} was cut off`;
      yield { file, line, time: undefined, crankNum, type: CUT_LINE, vatID: undefined, detail };
      continue;
    }
    const { type } = entry;
    crankNum = numberOf(entry, 'crankNum') ?? crankNum;
    const height = blockHeightOf(entry);
    const describe = Object.hasOwn(DESCRIPTIONS, type) ? DESCRIPTIONS[type] : undefined;
    if (!describe && height === undefined) continue;
    yield {
      file,
      line,
      time: numberOf(entry, 'time'),
      crankNum,
      type,
      vatID: textOf(entry, 'vatID'),
      detail: describe ? describe(entry) : `block ${height}`,
    };
  }
}
