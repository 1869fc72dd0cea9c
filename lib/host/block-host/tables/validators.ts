/** The validators, so that no update asks the engine for what it refuses. */
import type { RowReader } from '../rows.js';
import { JsonTable } from './json-rows.js';
import { chainKey } from './schema.js';

/** Voting power in decimal digits, by public key in hexadecimal digits. */
export const validators = new JsonTable<string>(chainKey('validator.'));

export const totalPower = (rows: RowReader): bigint =>
  [...validators.entries(rows)].reduce((sum, [, power]) => sum + BigInt(power), 0n);
