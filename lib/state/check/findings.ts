/** What a check of kernel state reports. */

export interface StateFinding {
  /**
   * `error`: the tables contradict each other. `leak`: something is left that nothing refers to.
   * `held`: a count above what refers to the thing, as a host may leave it. `local`: a statistic of
   * this machine, which no export holds and nothing depends on.
   */
  readonly severity: 'error' | 'leak' | 'held' | 'local';
  /** What sort of thing is wrong; stable, for programs. */
  readonly kind:
    | 'unknown-row'
    | 'malformed-row'
    | 'missing-row'
    | 'clist'
    | 'refcount'
    | 'promise'
    | 'object'
    | 'queue'
    | 'gc-action'
    | 'vat'
    | 'device'
    | 'meter'
    | 'suspension'
    | 'platform-epoch'
    | 'stats'
    | 'store'
    | 'left-over';
  /** The row, or the thing it is about. */
  readonly key: string;
  /** In words, with the values. */
  readonly problem: string;
}

/** `severity` as the kind has it unless it is given. */
export type Report = (
  kind: StateFinding['kind'],
  key: string,
  problem: string,
  severity?: StateFinding['severity'],
) => void;

/** Parses stored JSON; reports and gives undefined when it isn't JSON. */
export const parseStored = (report: Report, key: string, text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    report('malformed-row', key, `not JSON: ${text.slice(0, 80)}`);
    return undefined;
  }
};

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
