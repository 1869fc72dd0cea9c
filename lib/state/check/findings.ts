/** The findings of a check of kernel state. */

export interface StateFinding {
  /**
   * `error`: the tables contradict each other. `leak`: nothing refers to something that is still
   * there. `held`: a count above what refers to the thing, which a host may cause. `local`: a
   * statistic of this machine, which is not exported and which nothing depends on.
   */
  readonly severity: 'error' | 'leak' | 'held' | 'local';
  /** The sort of problem. Stable, for programs. */
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
    | 'service'
    | 'platform-epoch'
    | 'stats'
    | 'store'
    | 'left-over';
  /** The row, or the thing that the finding is about. */
  readonly key: string;
  /** A description with the values. */
  readonly problem: string;
}

/** Reports a finding. The default `severity` depends on the kind. */
export type Report = (
  kind: StateFinding['kind'],
  key: string,
  problem: string,
  severity?: StateFinding['severity'],
) => void;

/** Parses stored JSON. Reports other text and returns undefined. */
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
