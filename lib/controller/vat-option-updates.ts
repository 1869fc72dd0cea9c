/** Changes that a host makes to the stored options of vats before it makes the controller. */
import { BadOptionError } from '../errors.js';
import { assertCurrentSchema } from '../state/schema-version.js';
import { globalRows, vatRows } from '../state/rows.js';
import { isVatID, type VatID } from '../types/ids.js';
import type { KVStore } from '../store/types.js';

/** One vat's change. */
export interface VatOptionUpdate {
  /** A dynamic vat that has not ended. */
  readonly vatID: string;
  /** Whether the kernel panics when the vat ends. */
  readonly critical?: boolean;
}

const checkUpdates = (kvStore: KVStore, updates: readonly VatOptionUpdate[]): void => {
  const dynamic = new Set<string>(globalRows.dynamicVatIDs.read(kvStore) ?? []);
  const ended = new Set<string>(globalRows.terminatedVats.read(kvStore) ?? []);
  updates.forEach(({ vatID, critical }, index) => {
    const field = `updates[${index}]`;
    if (!isVatID(vatID) || !dynamic.has(vatID) || ended.has(vatID)) {
      throw new BadOptionError(`${field}.vatID`, vatID, 'a dynamic vat that has not ended');
    }
    if (critical !== undefined && typeof critical !== 'boolean') {
      throw new BadOptionError(`${field}.critical`, critical, 'true or false');
    }
  });
};

/**
 * Changes stored options of running vats at a chain's upgrade, for example `critical`, which no
 * vat can change. Applying the same updates again changes nothing. All updates are checked before
 * the first write. Source: the host `launch-chain.js` of Agoric/agoric-sdk.
 *
 * @param kvStore - `kernelStorage.kvStore`, before `makeSwingsetController`. The host commits.
 * @returns the vats that changed, as `v12 (its name)`
 * @throws BadOptionError for a vat that is not dynamic or has ended
 */
export const applyVatOptionUpdates = (
  kvStore: KVStore,
  updates: readonly VatOptionUpdate[] = [],
): string[] => {
  if (updates.length === 0) return [];
  assertCurrentSchema(kvStore);
  checkUpdates(kvStore, updates);
  return updates.flatMap(({ vatID, critical }) => {
    const options = vatRows.options.require(kvStore, vatID as VatID);
    if (critical === undefined || options.critical === critical) return [];
    vatRows.options.write(kvStore, { ...options, critical }, vatID as VatID);
    return `${vatID} (${options.name ?? 'no name'})`;
  });
};
