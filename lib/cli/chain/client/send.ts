/**
 * Sends signed transactions until blocks have them.
 *
 * A mempool lives in memory, so a crash loses what it accepted. The sender therefore sends the same
 * bytes again while no block has them. That is harmless: the account's sequence lets them be
 * executed once.
 */
import { transactionHash } from '../../../host/transactions/transaction.js';
import { EndpointError, TransactionLostError, TransactionRefusedError } from '../errors.js';
import type { Endpoints } from './endpoints.js';
import type { CommittedTx, TxOutcome } from './rpc-client.js';

export interface SendPowers {
  /** Milliseconds. */
  readonly now: () => number;
  readonly delay: (ms: number) => Promise<unknown>;
}

export interface SendOptions {
  readonly endpoints: Endpoints;
  readonly powers: SendPowers;
  /** Gives up after so many seconds. */
  readonly timeoutSeconds: number;
  /**
   * Is this refusal about the sequence? After a resend it may only mean that a block already has
   * the transaction, and on another node, that it is behind the chain or has not heard of the
   * transaction before.
   */
  readonly isAboutSequence: (code: number) => boolean;
  /** Called when transactions are sent again, with the reason. */
  readonly onResend?: (reason: string) => void;
}

const POLL_MS = 200;
/** With a block a second, a transaction that waits longer was probably lost. */
const RESEND_MS = 5_000;
/**
 * How long refusals of a sequence are doubted, and at least until all nodes have been asked. The
 * engine's index follows its blocks by less.
 */
const DOUBT_MS = 5_000;

interface Pending {
  readonly bytes: Uint8Array;
  readonly hash: string;
}

interface Refusal extends TxOutcome {
  readonly hash: string;
  /** The node has not reached what the chain has; its state says nothing. */
  readonly isBehind: boolean;
}

/**
 * Sends transactions of one account in order, and waits until blocks have them all.
 *
 * @returns what each block answered, in order
 * @throws TransactionRefusedError for the first that the chain refuses; TransactionLostError
 */
export const sendTransactions = async (
  txs: readonly Uint8Array[],
  { endpoints, powers, timeoutSeconds, isAboutSequence, onResend }: SendOptions,
): Promise<readonly CommittedTx[]> => {
  const startedAt = powers.now();
  const pending: Pending[] = txs.map(bytes => ({ bytes, hash: transactionHash(bytes) }));
  const committed: CommittedTx[] = [];
  let sentAt: number | undefined;
  let doubtedSince: number | undefined;
  let doubts = 0;
  let sendings = 0;
  let lastProblem: unknown;

  /** Moves what blocks have to `committed`. @returns have they any more? */
  const collect = async (): Promise<boolean> => {
    const before = committed.length;
    for (let next = pending[0]; next; next = pending[0]) {
      const { hash } = next;
      const tx = await endpoints.ask(client => client.findTx(hash));
      if (!tx) break;
      if (tx.code !== 0) throw new TransactionRefusedError(hash, tx.code, tx.log, tx.height);
      endpoints.note(tx.height);
      committed.push(tx);
      pending.shift();
    }
    return committed.length > before;
  };

  /** Hands over everything that waits. */
  const broadcast = async (): Promise<Refusal | undefined> => {
    for (const { bytes, hash } of pending) {
      const refusal = await endpoints.ask(async client => {
        const outcome = await client.broadcast(bytes);
        if (outcome.code === 0) return undefined;
        const isBehind = isAboutSequence(outcome.code) && endpoints.isBehind(await client.status());
        return { ...outcome, hash, isBehind };
      });
      if (refusal) return refusal;
    }
    return undefined;
  };

  /**
   * Asks another node next.
   *
   * @throws TransactionRefusedError unless the refusal may pass
   */
  const doubt = ({ hash, code, log, isBehind }: Refusal): void => {
    const problem = new TransactionRefusedError(hash, code, log);
    lastProblem = problem;
    endpoints.rotate();
    if (isBehind) return;
    const now = powers.now();
    doubtedSince ??= now;
    doubts += 1;
    const isFirst = sendings === 1 && hash === pending[0]?.hash;
    const isCertain =
      (isFirst && endpoints.count === 1) ||
      (doubts >= endpoints.count && now - doubtedSince >= DOUBT_MS);
    if (isCertain || !isAboutSequence(code)) throw problem;
  };

  const step = async (): Promise<void> => {
    if (await collect()) {
      sentAt = powers.now();
      doubtedSince = undefined;
      doubts = 0;
    }
    if (pending.length === 0) return;
    if (sentAt !== undefined && powers.now() - sentAt < RESEND_MS) return;
    sendings += 1;
    if (sendings > 1) onResend?.(`no block has ${pending.length} of the transactions yet`);
    const refusal = await broadcast();
    if (!refusal) sentAt = powers.now();
    else if (!(await collect())) doubt(refusal);
  };

  while (pending.length > 0) {
    if (powers.now() - startedAt > timeoutSeconds * 1000) {
      const hashes = pending.map(({ hash }) => hash);
      throw new TransactionLostError(hashes, timeoutSeconds, lastProblem);
    }
    try {
      await step();
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
      lastProblem = error;
      endpoints.rotate();
      // What a dying node had accepted is lost.
      sentAt = undefined;
    }
    if (pending.length > 0) await powers.delay(POLL_MS);
  }
  return committed;
};
