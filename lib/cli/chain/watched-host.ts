/** A block host whose process tells its supervisor what it commits, and halts in peace. */
import { UpgradeNeededError } from '../../host/block-host/errors.js';
import type { BlockHost } from '../../host/block-host/types.js';

/** The upgrade that an error is about, if it is about one. */
export const upgradeIn = (error: unknown): UpgradeNeededError | undefined =>
  error instanceof UpgradeNeededError ? error : undefined;

export interface WatchOptions {
  readonly onCommitted: (height: number) => void;
  readonly delay: (ms: number) => Promise<unknown>;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/**
 * How long a node that halts for an upgrade keeps its engine. Peers may still need its votes for
 * the block at which all halt: one that does not get them stands still before it.
 */
const HALT_MS = 3_000;

export const watchHost = (
  host: BlockHost,
  { onCommitted, delay, now, log }: WatchOptions,
): BlockHost => ({
  info: () => host.info(),
  init: request => host.init(request),
  check: (tx, kind) => host.check(tx, kind),
  prepare: (txs, limits) => host.prepare(txs, limits),
  refuse: (txs, limits) => host.refuse(txs, limits),
  executeBlock: async block => {
    const { height, txs } = block;
    const startedAt = now();
    try {
      const result = await host.executeBlock(block);
      const ms = Math.round(now() - startedAt);
      if (result.appVersion !== undefined) log(`block ${height} upgraded in ${ms} ms`);
      else if (txs.length > 0) log(`block ${height}: ${txs.length} transactions, ${ms} ms`);
      return result;
    } catch (error) {
      if (upgradeIn(error)) await delay(HALT_MS);
      throw error;
    }
  },
  commit: async () => {
    const result = await host.commit();
    onCommitted(host.info().height);
    return result;
  },
  query: query => host.query(query),
  listSnapshots: () => host.listSnapshots(),
  load: (...args) => host.load(...args),
  offer: (...args) => host.offer(...args),
  apply: (...args) => host.apply(...args),
  close: () => host.close(),
});
