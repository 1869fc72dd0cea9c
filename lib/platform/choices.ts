/** What hosts get that choose nothing of their platform. */
import type { PlatformChoice } from '../types/platform-epoch.js';

/** Agoric's supervisor knows no bundles ahead and serves no modules. */
export const STOCK: PlatformChoice = {
  platform: 'stock',
  imageBundles: [],
  serveImportBundle: false,
};

export const OWN: PlatformChoice = { platform: 'own', imageBundles: [], serveImportBundle: true };

/** What a store begins with. */
export const DEFAULT_PLATFORM = STOCK;
