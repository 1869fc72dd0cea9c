/** What the other vats do beside the culprit, and what of them must not change because of it. */
import { createHash } from 'node:crypto';
import type { RunPolicy } from '../../../lib/types/policies.js';
import type { Life } from '../../support/swingset.js';
import { ask, vatIDs, type Culprit } from './base.js';

const LONGEST_RUN = 2000;

/** Ends a run in which vats send messages without end. Sleeping vats start as in a long run. */
const atMost = (cranks: number): RunPolicy => {
  let left = cranks;
  const goesOn = () => {
    left -= 1;
    return left > 0;
  };
  return {
    vatCreated: goesOn,
    crankComplete: goesOn,
    crankFailed: goesOn,
    emptyCrank: goesOn,
    allowRestart: () => true,
  };
};

export interface Traffic {
  /** What the vats answered, in order. @throws if one of them did not */
  readonly answers: () => unknown[];
}

/** Queues messages to all innocent vats, and from some to others. */
export const queueTraffic = (life: Life): Traffic => {
  const kpids = [
    ask(life, 'boot', 'introduce', 'dave', 'getThing', 'alice', 'thing'),
    ask(life, 'alice', 'bump'),
    ask(life, 'dave', 'write', 'a line'),
    ask(life, 'boot', 'send', 'alice', 'lives'),
    ask(life, 'bob', 'bump'),
    ask(life, 'dave', 'bump'),
    ask(life, 'dave', 'read'),
    ask(life, 'boot', 'send', 'dave', 'lives'),
  ];
  return { answers: () => kpids.map(kpid => life.resultOf(kpid)) };
};

/** Lets the vats act on each other once they are introduced. */
export const queueMoreTraffic = (life: Life): Traffic => {
  const kpids = [
    ask(life, 'alice', 'use', 'thing'),
    ask(life, 'boot', 'send', 'alice', 'bump'),
    ask(life, 'bob', 'bump'),
    ask(life, 'dave', 'bump'),
  ];
  return { answers: () => kpids.map(kpid => life.resultOf(kpid)) };
};

/** Runs and commits. */
export const runOn = (life: Life, cranks = LONGEST_RUN): Promise<number> =>
  life.run(atMost(cranks));

const hashOf = (rows: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(rows)).digest('hex');

/**
 * Hashes of everything that the store has about one vat, and what its deliveries cost. Krefs are
 * left out: the kernel numbers all vats' objects and promises together.
 */
const traceOf = (life: Life, vatID: string) => {
  const db = life.store.debug.getDatabase();
  const rows = (sql: string, ...args: string[]) =>
    db
      .prepare<string[], unknown[]>(sql)
      .raw()
      .all(...args);
  const own = rows(
    'SELECT key, value FROM kvStore WHERE key >= ? AND key < ? ORDER BY key',
    `${vatID}.`,
    `${vatID}/`,
  ) as [string, string][];
  const [clist, rest] = [`${vatID}.c.k`, `${vatID}.c.`];
  const spent = life.slog.flatMap(({ type, vatID: of, dispatch, dr }) =>
    type === 'deliver-result' && of === vatID
      ? [[dispatch, (dr as readonly [string, unknown, { compute?: number } | null])[2]?.compute]]
      : [],
  );
  return {
    state: hashOf(own.filter(([key]) => !key.startsWith(rest))),
    clist: hashOf(
      own
        .filter(([key]) => key.startsWith(clist))
        .map(([, value]) => value)
        .sort(),
    ),
    transcript: hashOf(
      rows(
        'SELECT position, incarnation, item FROM transcriptItems WHERE vatID = ? ORDER BY position',
        vatID,
      ),
    ),
    spans: hashOf(
      rows(
        'SELECT startPos, endPos, hash, isCurrent, incarnation FROM transcriptSpans WHERE vatID = ? ORDER BY startPos',
        vatID,
      ),
    ),
    snapshots: hashOf(
      rows(
        'SELECT snapPos, inUse, hash, uncompressedSize FROM snapshots WHERE vatID = ? ORDER BY snapPos',
        vatID,
      ),
    ),
    computrons: hashOf(spent),
  };
};

/** Traces of the vats that have nothing to do with the culprit. */
export const tracesOf = (life: Life, culprit: Culprit) => {
  const innocent = ['alice', 'bob', 'dave', culprit === 'vital' ? 'hostile' : 'vital'] as const;
  return Object.fromEntries(innocent.map(name => [name, traceOf(life, vatIDs[name])]));
};
