/**
 * The bundles of a store, with their sizes and their users. Reads no bundle's contents, and needs no
 * kernel.
 */
import { KernelState } from '../state/kernel-state.js';
import { makeInventory } from '../store/inventory.js';
import type { BundleID, VatID } from '../types/ids.js';
import type { WorkerOptions } from '../types/vat-options.js';
import type { ReadableStore } from './look-at-store.js';

export interface ListedBundle {
  readonly bundleID: string;
  /** Of the stored contents; null if only the ID was imported. */
  readonly bytes: number | null;
  /** What the configuration calls it, for `createVatByName`. */
  readonly names: readonly string[];
  /** Live vats whose code it is: static ones first, each group by number. */
  readonly vats: readonly { readonly vatID: VatID; readonly name: string | undefined }[];
  /** Names of devices whose code it is. */
  readonly devices: readonly string[];
  /** How many live vats have it as lockdown or supervisor, or in their platform image. */
  readonly platformOf: number;
}

type Uses<User> = readonly (readonly [bundleID: BundleID, user: User])[];

const byBundle = <User>(uses: Uses<User>): ReadonlyMap<string, readonly User[]> => {
  const users = new Map<string, User[]>();
  for (const [bundleID, user] of uses) {
    const found = users.get(bundleID);
    if (found) found.push(user);
    else users.set(bundleID, [user]);
  }
  return users;
};

const platformBundles = (options: WorkerOptions): readonly BundleID[] =>
  options.type === 'local' ? [] : [...options.bundleIDs, ...(options.imageBundles ?? [])];

/** By ID. */
export const listBundles = ({ kernelStorage, db }: ReadableStore): readonly ListedBundle[] => {
  const state = new KernelState(kernelStorage);
  const { vats, devices } = state;
  const live = vats.allIDs().map(vatID => ({ vatID, options: vats.getOptions(vatID) }));
  const names = byBundle([...state.namedBundles()].map(([name, bundleID]) => [bundleID, name]));
  const ofVats = byBundle(
    live.map(({ vatID, options: { name } }) => [vats.getSource(vatID).bundleID, { vatID, name }]),
  );
  const ofDevices = byBundle(
    devices.names().flatMap(name => {
      const source = devices.getSource(devices.getByName(name));
      return source ? [[source.bundleID, name] as const] : [];
    }),
  );
  const ofPlatforms = byBundle(
    live.flatMap(({ vatID, options }) =>
      platformBundles(options.workerOptions).map(bundleID => [bundleID, vatID] as const),
    ),
  );
  return [...makeInventory(db).bundles()].map(({ bundleID, bytes }) => ({
    bundleID,
    bytes,
    names: names.get(bundleID) ?? [],
    vats: ofVats.get(bundleID) ?? [],
    devices: ofDevices.get(bundleID) ?? [],
    platformOf: ofPlatforms.get(bundleID)?.length ?? 0,
  }));
};
