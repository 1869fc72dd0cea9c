/**
 * Codes of refusals, for clients. A code keeps its meaning for good.
 *
 * Refusals are equal on all replicas: their texts follow from the transaction and the state.
 */
import type { TransactionFault } from '../transactions/errors.js';
import type { TxResult } from './types.js';

export const OK = 0;

export const refusalCodes = {
  /** Bytes that are no transaction. */
  malformed: 1,
  /** Not signed for this chain. */
  signature: 2,
  /** Too many bytes. */
  size: 3,
  /** Not the account's next transaction. */
  sequence: 4,
  /** The account lacks a role. */
  role: 5,
  /** Too many actions wait, in all or of this sender. */
  queueFull: 6,
  /** An action that can't be done in this state. */
  action: 7,
  /** A query for something that does not exist. */
  notFound: 8,
  /** A query that is no query. */
  query: 9,
  /** The chain has no state yet. */
  notReady: 10,
} as const;

export type RefusalReason = keyof typeof refusalCodes;

export interface Refusal {
  readonly reason: RefusalReason;
  readonly log: string;
}

export const refusalOf = (reason: RefusalReason, log: string): Refusal => ({ reason, log });

const faultReasons: Readonly<Record<TransactionFault, RefusalReason>> = {
  size: 'size',
  encoding: 'malformed',
  depth: 'malformed',
  canonical: 'malformed',
  field: 'malformed',
  signature: 'signature',
};

export const reasonOfFault = (fault: TransactionFault): RefusalReason => faultReasons[fault];

const nothing = new Uint8Array();

export const resultOfRefusal = ({ reason, log }: Refusal): TxResult => ({
  code: refusalCodes[reason],
  log,
  data: nothing,
});

export const jsonBytes = (value: unknown): Uint8Array =>
  Uint8Array.from(Buffer.from(JSON.stringify(value)));
