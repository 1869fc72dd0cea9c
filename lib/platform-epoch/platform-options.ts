/** Options that choose the platform of vats (design.md 5). See `lib/types/option-schema.ts`. */
import Type from 'typebox';
import type { Static, TObject } from 'typebox';
import { names } from '../types/option-schema.js';

/** They change at an advance of the epoch alone. */
export const platformOptions = {
  /**
   * `own` runs stock liveslots on a lockdown and a supervisor that are built here. `stock` takes
   * Agoric's, for hosts that need SwingSet's computrons. Default: what the ledger records, and `own`
   * for a new store.
   */
  platform: Type.Optional(Type.Enum(['own', 'stock'])),
  /**
   * IDs or names of installed bundles whose compiled modules the platform image holds. Default: what
   * the ledger records.
   */
  imageBundles: Type.Optional(names()),
  /**
   * Whether the platform's `@endo/import-bundle` serves vats that bring a known version of their
   * own. Default: what the ledger records, and true for a new store on the platform `own`.
   */
  serveImportBundle: Type.Optional(Type.Boolean()),
};

export const PLATFORM_FIELDS = ['platform', 'imageBundles', 'serveImportBundle'] as const;

/** As hosts give it. Bundles may be named, as the configuration names them. */
export interface GivenPlatform extends Readonly<Static<TObject<typeof platformOptions>>> {}

/** The part of an options bag that chooses the platform. */
export const pickPlatform = ({
  platform,
  imageBundles,
  serveImportBundle,
}: GivenPlatform): GivenPlatform => ({
  ...(platform !== undefined && { platform }),
  ...(imageBundles && { imageBundles }),
  ...(serveImportBundle !== undefined && { serveImportBundle }),
});
