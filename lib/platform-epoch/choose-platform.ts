/**
 * Decides which platform a boot runs on: what the ledger records, unless the epoch advances
 * (design.md 5; the options `platform`, `imageBundles`, `serveImportBundle`).
 *
 * Boundary: reads the ledger and the names of installed bundles; writes nothing.
 */
import { BadOptionError } from '../errors.js';
import { OWN, STOCK } from '../platform/choices.js';
import type { BundleID } from '../types/ids.js';
import type { PlatformChoice, PlatformEpochRecord } from '../types/platform-epoch.js';
import { PlatformChangeError } from './errors.js';
import { PLATFORM_FIELDS, type GivenPlatform } from './platform-options.js';
import type { PlatformEpochDecision } from './types.js';

/** @returns undefined for a bundle that is not installed */
export type FindBundle = (nameOrID: string) => BundleID | undefined;

/** In the order given, each once: the order decides the image's bytes. */
const resolveBundles = (given: readonly string[], findBundle: FindBundle): readonly BundleID[] => {
  const found = given.map(each => {
    const bundleID = findBundle(each);
    if (bundleID !== undefined) return bundleID;
    throw new BadOptionError(
      'imageBundles',
      each,
      'the ID or the name of an installed bundle in the endoZipBase64 format',
    );
  });
  return [...new Set(found)];
};

/** @throws BadOptionError for bundles that are not installed, or that a stock platform can't know */
export const readGivenPlatform = (
  { platform, imageBundles, serveImportBundle }: GivenPlatform,
  findBundle: FindBundle,
): Partial<PlatformChoice> => ({
  ...(platform !== undefined && { platform }),
  ...(imageBundles && { imageBundles: resolveBundles(imageBundles, findBundle) }),
  ...(serveImportBundle !== undefined && { serveImportBundle }),
});

/**
 * The platform of a new store or of an advance.
 *
 * @param base - What holds for all that is not given.
 * @throws BadOptionError for a choice that names what the stock platform lacks
 */
export const completePlatform = (
  given: Partial<PlatformChoice>,
  base: PlatformChoice = OWN,
): PlatformChoice => {
  const platform = given.platform ?? base.platform;
  if (platform === 'own') return { ...OWN, ...(base.platform === 'own' && base), ...given };
  const nothing = "nothing, because the platform is 'stock'";
  if (given.imageBundles && given.imageBundles.length > 0) {
    throw new BadOptionError('imageBundles', given.imageBundles, nothing);
  }
  if (given.serveImportBundle) throw new BadOptionError('serveImportBundle', true, nothing);
  return STOCK;
};

const choiceOf = ({
  platform,
  imageBundles,
  serveImportBundle,
}: PlatformChoice): PlatformChoice => ({ platform, imageBundles, serveImportBundle });

/**
 * The platform of a boot.
 *
 * @throws PlatformChangeError that names the first field that differs from the ledger's, at a boot
 *   that is no advance
 * @throws BadOptionError as `completePlatform`
 */
export const choosePlatform = (
  last: PlatformEpochRecord | undefined,
  decision: PlatformEpochDecision,
  given: Partial<PlatformChoice>,
): PlatformChoice => {
  if (!last) return completePlatform(given);
  const recorded = choiceOf(last.fingerprint);
  if (decision.kind === 'advance') return completePlatform(given, recorded);
  for (const field of PLATFORM_FIELDS) {
    const [before, wanted] = [recorded[field], given[field]];
    if (wanted !== undefined && String(before) !== String(wanted)) {
      throw new PlatformChangeError(field, before, wanted, last.epoch);
    }
  }
  return recorded;
};
