/**
 * Adds up the entries of a slog: cranks over time, time and computrons of each vat, and the turns of
 * vats in restarts.
 *
 * Invariant: memory is bounded by the number of vats, not by the length of the slog. Buckets of time
 * grow twice as long when there are too many of them.
 */
import type { PlatformEpoch } from '../../types/platform-epoch.js';
import { isVatID } from '../../types/ids.js';
import type { TimeBucket, TurnAnswer } from '../answers.js';

const FIRST_BUCKET_MS = 1_000;
const MAX_BUCKETS = 600;
/** Vats that the buckets tell apart. */
const BUSIEST = 6;
/** Turns that are kept for one epoch, and epochs whose turns are kept: the newest ones. */
const MAX_TURNS = 10_000;
const MAX_EPOCHS = 100;
const MAX_TEXT = 2_000;

/** Only lines with one of these are parsed. */
const WANTED = /"type": ?"(?:crank-finish|deliver-result|epoch-restart-vat)"/;

interface Totals {
  deliveries: number;
  seconds: number;
  computrons: number;
}

interface Bucket {
  cranks: number;
  readonly seconds: Map<string, number>;
}

export interface SlogSums {
  readonly badLines: number;
  readonly bucketMs: number;
  readonly busiest: readonly string[];
  readonly buckets: readonly TimeBucket[];
}

export type VatTotals = Readonly<Totals>;

type Fields = Readonly<Record<string, unknown>>;

const numberOr = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : otherwise;

const textOf = (value: unknown): string | null =>
  typeof value === 'string' ? value.slice(0, MAX_TEXT) : null;

const dropFirst = <Key>(map: Map<Key, unknown>): void => {
  const [first] = map.keys();
  if (first !== undefined) map.delete(first);
};

const epochKey = (epoch: unknown): string => `${typeof epoch} ${String(epoch)}`;

export class SlogTotals {
  #badLines = 0;

  #bucketMs = FIRST_BUCKET_MS;

  /** By the number of the bucket: time / bucketMs. */
  #buckets = new Map<number, Bucket>();

  readonly #vats = new Map<string, Totals>();

  readonly #turns = new Map<string, Map<string, TurnAnswer>>();

  /** @param line - undefined for one that is too long to be read */
  takeLine(line: string | undefined): void {
    if (!line?.startsWith('{') || !line.endsWith('}')) {
      this.#badLines += 1;
      return;
    }
    if (!WANTED.test(line)) return;
    try {
      const entry: unknown = JSON.parse(line);
      if (typeof entry === 'object' && entry !== null) this.#take(entry as Fields);
    } catch {
      this.#badLines += 1;
    }
  }

  clear(): void {
    this.#badLines = 0;
    this.#bucketMs = FIRST_BUCKET_MS;
    this.#buckets.clear();
    this.#vats.clear();
    this.#turns.clear();
  }

  vats(): ReadonlyMap<string, VatTotals> {
    return this.#vats;
  }

  /** The turns of vats in the restart of an epoch, in their order. */
  turnsOf(epoch: PlatformEpoch): readonly TurnAnswer[] {
    return [...(this.#turns.get(epochKey(epoch))?.values() ?? [])];
  }

  sums(): SlogSums {
    const busiest = [...this.#vats]
      .sort(([, a], [, b]) => b.seconds - a.seconds)
      .slice(0, BUSIEST)
      .map(([vatID]) => vatID);
    const buckets = [...this.#buckets]
      .sort(([a], [b]) => a - b)
      .map(([index, { cranks, seconds }]) => ({
        time: index * this.#bucketMs,
        cranks,
        seconds: busiest.map(vatID => seconds.get(vatID) ?? 0),
      }));
    return { badLines: this.#badLines, bucketMs: this.#bucketMs, busiest, buckets };
  }

  #take(entry: Fields): void {
    const time = numberOr(entry.time, 0) * 1000;
    if (time <= 0) return;
    if (entry.type === 'crank-finish') this.#bucketAt(time).cranks += 1;
    else if (entry.type === 'deliver-result') this.#takeDelivery(entry, time);
    else if (entry.type === 'epoch-restart-vat') this.#takeTurn(entry, time);
  }

  #takeDelivery({ vatID, seconds: given, dr }: Fields, time: number): void {
    if (!isVatID(vatID)) return;
    const seconds = Math.max(0, numberOr(given, 0));
    const usage = (Array.isArray(dr) ? dr[2] : undefined) as { compute?: unknown } | undefined;
    let totals = this.#vats.get(vatID);
    if (!totals) this.#vats.set(vatID, (totals = { deliveries: 0, seconds: 0, computrons: 0 }));
    totals.deliveries += 1;
    totals.seconds += seconds;
    totals.computrons += numberOr(usage?.compute, 0);
    const bucket = this.#bucketAt(time);
    bucket.seconds.set(vatID, (bucket.seconds.get(vatID) ?? 0) + seconds);
  }

  #takeTurn({ epoch, vatID, name, result, sleeps, error, ms }: Fields, time: number): void {
    if (!isVatID(vatID)) return;
    const key = epochKey(epoch);
    const turns = this.#turns.get(key) ?? new Map<string, TurnAnswer>();
    this.#turns.set(key, turns);
    if (this.#turns.size > MAX_EPOCHS) dropFirst(this.#turns);
    // A boot that resumes a restart tells of a vat again.
    turns.delete(vatID);
    if (turns.size >= MAX_TURNS) dropFirst(turns);
    turns.set(vatID, {
      vatID,
      name: textOf(name),
      result: textOf(result) ?? '',
      sleeps: sleeps === true,
      error: textOf(error),
      ms: numberOr(ms, 0),
      time,
    });
  }

  #bucketAt(time: number): Bucket {
    for (;;) {
      const index = Math.floor(time / this.#bucketMs);
      const found = this.#buckets.get(index);
      if (found) return found;
      if (this.#buckets.size < MAX_BUCKETS) {
        const bucket: Bucket = { cranks: 0, seconds: new Map() };
        this.#buckets.set(index, bucket);
        return bucket;
      }
      this.#doubleBuckets();
    }
  }

  /** Buckets that are far apart may not meet the first time. */
  #doubleBuckets(): void {
    const before = this.#buckets;
    this.#bucketMs *= 2;
    this.#buckets = new Map();
    for (const [index, { cranks, seconds }] of before) {
      const into = Math.floor(index / 2);
      const bucket = this.#buckets.get(into) ?? { cranks: 0, seconds: new Map<string, number>() };
      this.#buckets.set(into, bucket);
      bucket.cranks += cranks;
      for (const [vatID, more] of seconds) {
        bucket.seconds.set(vatID, (bucket.seconds.get(vatID) ?? 0) + more);
      }
    }
  }
}
