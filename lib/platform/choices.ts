/** The platforms, without bundles that images know. */
import type { PlatformChoice } from '../types/platform-epoch.js';

/** Agoric's supervisor knows no bundles ahead and serves no modules. */
export const STOCK: PlatformChoice = {
  platform: 'stock',
  imageBundles: [],
  serveImportBundle: false,
};

/** What a store begins with, unless its host chooses otherwise. */
export const OWN: PlatformChoice = { platform: 'own', imageBundles: [], serveImportBundle: true };
