/** What the chain is: its ID, parameters, roles and versions. */
import type { Role } from '../genesis-types.js';
import type { ChainParams } from '../../chain-params.js';
import type { RowReader } from '../rows.js';
import { JsonRow, JsonTable } from './json-rows.js';
import { chainKey } from './schema.js';

export interface ChainIdentity {
  readonly chainID: string;
  /** The height of the first block. */
  readonly initialHeight: number;
}

export const identity = new JsonRow<ChainIdentity>(chainKey('identity'));
export const params = new JsonRow<ChainParams>(chainKey('params'));
/** 1 at genesis, one more with each upgrade. */
export const appVersion = new JsonRow<number>(chainKey('appVersion'));

/** By address. */
export const roles = new JsonTable<readonly Role[]>(chainKey('role.'));

export const hasRole = (rows: RowReader, address: string, role: Role): boolean =>
  roles.read(rows, address)?.includes(role) ?? false;
