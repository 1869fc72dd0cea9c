/**
 * What a boot does about the epoch, and which platform it runs on.
 *
 * Boundary: reads the store and writes nothing.
 */
import type { KernelState } from '../state/kernel-state.js';
import type { BundleStore } from '../store/types.js';
import { isBundleID, type BundleID } from '../types/ids.js';
import type { PlatformChoice, PlatformEpoch } from '../types/platform-epoch.js';
import { choosePlatform, readGivenPlatform, type FindBundle } from './choose-platform.js';
import { decidePlatformEpoch } from './decide.js';
import type { GivenPlatform } from './platform-options.js';
import type { PlatformRestartOptions } from './restart-options.js';
import type { PlatformEpochDecision } from './types.js';

export interface BootOptions extends GivenPlatform {
  readonly platformEpoch?: PlatformEpoch;
  readonly platformEpochKindChange?: boolean;
  readonly platformRestart?: Pick<PlatformRestartOptions, 'allow'>;
}

/** @throws the errors of `decidePlatformEpoch` */
export const decideBoot = (
  state: KernelState,
  { platformEpoch, platformEpochKindChange = false, platformRestart = {} }: BootOptions,
): PlatformEpochDecision =>
  decidePlatformEpoch({
    ledger: state.platformEpochs.ledger(),
    given: platformEpoch,
    vatsHaveRun: state.crankNumber > 0,
    allowKindChange: platformEpochKindChange,
    allowRestart: platformRestart.allow ?? true,
  });

/** Only archives have modules that an image can know. */
const isArchiveID = (bundleID: string): boolean => bundleID.startsWith('b1-');

/** Finds an archive by the name of the configuration or by its ID. */
export const makeFindBundle =
  (findNamed: FindBundle, hasBundle: (bundleID: BundleID) => boolean): FindBundle =>
  nameOrID => {
    const bundleID = findNamed(nameOrID) ?? (isBundleID(nameOrID) ? nameOrID : undefined);
    if (bundleID === undefined || !isArchiveID(bundleID) || !hasBundle(bundleID)) return undefined;
    return bundleID;
  };

/** @throws the errors of `decideBoot` and of `choosePlatform` */
export const choosePlatformOfBoot = (
  state: KernelState,
  bundleStore: BundleStore,
  options: BootOptions,
): PlatformChoice => {
  const findBundle = makeFindBundle(
    name => state.findNamedBundle(name),
    bundleID => bundleStore.hasBundle(bundleID),
  );
  return choosePlatform(
    state.platformEpochs.ledger().at(-1),
    decideBoot(state, options),
    readGivenPlatform(options, findBundle),
  );
};
