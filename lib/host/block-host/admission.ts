/**
 * Which transactions a block takes. `check`, `prepare`, `refuse` and `executeBlock` ask the same
 * code, so that they agree.
 *
 * Boundary: reads rows and remembers what it has admitted. It writes nothing.
 *
 * Invariant: a verdict follows from the rows, from the transactions admitted before and from this
 * one. A transaction that is refused leaves no trace.
 */
import type { Action } from '../transactions/action-types.js';
import { countValues } from '../transactions/count-values.js';
import type { DecodedTransaction } from '../transactions/transaction.js';
import { BadTransactionError } from '../transactions/errors.js';
import type { Decode } from './cached-decoder.js';
import { reasonOfFault, refusalOf, type Refusal } from './codes.js';
import type { Role } from './genesis-types.js';
import type { ChainParams } from '../chain-params.js';
import type { RowReader } from './rows.js';
import { sequenceOf } from './tables/accounts.js';
import { hasRole } from './tables/chain.js';
import { queuedInAll, queuedOf, queueLength } from './tables/queues.js';
import { listUploads, readUpload } from './tables/uploads.js';
import { planProblem } from './upgrade-plan.js';

export interface AdmissionContext {
  readonly decode: Decode;
  readonly rows: RowReader;
  readonly chainID: string;
  readonly params: ChainParams;
  /** Names of the epochs that the chain has had. */
  readonly epochs: readonly unknown[];
  /** The block that would execute the transactions. */
  readonly height: number;
}

const roleFor: Readonly<Partial<Record<Action['type'], Role>>> = {
  bridge: 'bridge',
  installBundle: 'install',
  propose: 'propose',
  scheduleUpgrade: 'upgrade',
  cancelUpgrade: 'upgrade',
  validator: 'validators',
};

export type Verdict =
  | { readonly kind: 'admitted'; readonly tx: DecodedTransaction }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export class Admission {
  readonly #context: AdmissionContext;

  /** Sequences after the admitted transactions. */
  readonly #sequences = new Map<string, number>();

  /** Actions of the admitted transactions. */
  readonly #actions = new Map<string, number>();

  #actionsInAll = 0;

  /** Those with priority among them. */
  #urgentActions = 0;

  constructor(context: AdmissionContext) {
    this.#context = context;
  }

  /** Reads the bytes and judges them. Remembers them if they are admitted. */
  admitBytes(bytes: Uint8Array): Verdict {
    const { decode, chainID, params } = this.#context;
    let tx: DecodedTransaction;
    try {
      tx = decode(bytes, chainID, params.maxTxBytes);
    } catch (error) {
      if (!(error instanceof BadTransactionError)) throw error;
      const refusal = refusalOf(reasonOfFault(error.fault), error.message);
      return { kind: 'refused', refusal };
    }
    const refusal = this.admit(tx);
    return refusal ? { kind: 'refused', refusal } : { kind: 'admitted', tx };
  }

  /** Why the transaction is refused; undefined if it is admitted. */
  admit(tx: DecodedTransaction): Refusal | undefined {
    const refusal =
      this.#judgeSequence(tx) ??
      this.#judgeRoles(tx) ??
      this.#judgeQueues(tx) ??
      this.#judgeActions(tx);
    if (refusal) return refusal;
    this.#sequences.set(tx.sender, tx.sequence + 1);
    this.#actions.set(tx.sender, (this.#actions.get(tx.sender) ?? 0) + tx.actions.length);
    this.#actionsInAll += tx.actions.length;
    if (tx.priority) this.#urgentActions += tx.actions.length;
    return undefined;
  }

  #judgeSequence({ sender, sequence }: DecodedTransaction): Refusal | undefined {
    const expected = this.#sequences.get(sender) ?? sequenceOf(this.#context.rows, sender);
    if (sequence === expected) return undefined;
    return refusalOf('sequence', `sequence: expected ${expected} of ${sender}, got ${sequence}`);
  }

  #judgeRoles({ sender, actions, priority }: DecodedTransaction): Refusal | undefined {
    const needed = actions.map(({ type }) => roleFor[type]);
    const missing = [...needed, ...(priority ? ['priority' as const] : [])].find(
      role => role !== undefined && !hasRole(this.#context.rows, sender, role),
    );
    if (missing === undefined) return undefined;
    return refusalOf('role', `sender: ${sender} does not have the role ${JSON.stringify(missing)}`);
  }

  /** Others who fill the queues keep nobody with priority out. */
  #judgeQueues({ sender, actions, priority }: DecodedTransaction): Refusal | undefined {
    const { rows, params } = this.#context;
    const most = Math.min(params.maxQueueLength, params.maxQueuePerSender);
    if (actions.length > most) {
      return refusalOf(
        'action',
        `actions: expected at most ${most}, as many as may wait, got ${actions.length}. Send them in several transactions`,
      );
    }
    const before = priority ? queueLength(rows, 'priority') : queuedInAll(rows);
    const inAll = before + (priority ? this.#urgentActions : this.#actionsInAll);
    if (inAll + actions.length > params.maxQueueLength) {
      return refusalOf(
        'queueFull',
        `the queues are full: ${inAll} actions wait, and no more than ${params.maxQueueLength} may. Send it again later`,
      );
    }
    const own = queuedOf(rows, sender) + (this.#actions.get(sender) ?? 0);
    if (own + actions.length > params.maxQueuePerSender) {
      return refusalOf(
        'queueFull',
        `${own} actions of ${sender} wait, and no more than ${params.maxQueuePerSender} of one sender may. Send it again later`,
      );
    }
    return undefined;
  }

  #judgeActions({ sender, actions }: DecodedTransaction): Refusal | undefined {
    const { maxActionValues } = this.#context.params;
    for (const [index, action] of actions.entries()) {
      const values = countValues(action);
      const problem =
        values > maxActionValues
          ? `expected at most ${maxActionValues} values, got ${values}`
          : this.#problemOf(sender, action);
      if (problem !== undefined) return refusalOf('action', `actions[${index}]: ${problem}`);
    }
    return undefined;
  }

  #problemOf(sender: string, action: Action): string | undefined {
    const { rows, params } = this.#context;
    switch (action.type) {
      case 'propose': {
        const { length } = action.code;
        if (length <= params.maxProposalLength) return undefined;
        return `code: expected at most ${params.maxProposalLength} characters, got ${length}`;
      }
      case 'installBundle': {
        if (action.size > params.maxUploadBytes) {
          return `size: expected at most ${params.maxUploadBytes} bytes, got ${action.size}`;
        }
        if (readUpload(rows, { sender, bundleID: action.bundleID })) return undefined;
        const underWay = listUploads(rows).length;
        if (underWay < params.maxUploads) return undefined;
        return `bundleID: ${underWay} bundles are under way, and no more than ${params.maxUploads} may be`;
      }
      case 'scheduleUpgrade':
        return planProblem(action.plan, this.#context);
      case 'message':
      case 'mailbox':
      case 'bridge':
      case 'cancelUpgrade':
      case 'validator':
        return undefined;
      default:
        return action satisfies never;
    }
  }
}
