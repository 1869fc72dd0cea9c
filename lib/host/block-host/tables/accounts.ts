/** Accounts: those who have sent a transaction. */
import type { RowReader } from '../rows.js';
import { JsonTable } from './json-rows.js';
import { chainKey } from './schema.js';

export interface Account {
  /** How many transactions of this account were accepted, and so the number of the next one. */
  readonly sequence: number;
}

/** By address. */
export const accounts = new JsonTable<Account>(chainKey('account.'));

export const sequenceOf = (rows: RowReader, address: string): number =>
  accounts.read(rows, address)?.sequence ?? 0;
