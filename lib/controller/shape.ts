/**
 * Patterns (`@endo/patterns`) for hosts that check a configuration inside a larger one of their own.
 * They are looser than the checks of `initializeSwingset`.
 */
import { M } from '@endo/patterns';

const ManagerType = M.or('local', 'xsnap', 'xs-worker');

const code = {
  sourceSpec: M.string(),
  bundleSpec: M.string(),
  bundle: M.any(),
  bundleName: M.string(),
  bundleHash: M.string(),
};
const bundles = M.recordOf(M.string(), M.splitRecord({}, code));
const withParameters = M.recordOf(
  M.string(),
  M.splitRecord({}, { ...code, parameters: M.any(), creationOptions: M.record() }),
);

const SwingSetConfig = M.splitRecord(
  { vats: withParameters },
  {
    bootstrap: M.string(),
    bundles,
    devices: withParameters,
    defaultManagerType: ManagerType,
    defaultReapInterval: M.or('never', M.number()),
    defaultReapGCKrefs: M.or('never', M.number()),
    snapshotInitial: M.number(),
    snapshotInterval: M.or('never', M.number()),
    computronLimit: M.or('never', M.number()),
    heapPolicy: { restartAbove: M.number() },
    relaxDurabilityRules: M.boolean(),
    pinBootstrapRoot: M.boolean(),
    includeDevDependencies: M.boolean(),
    bundleCachePath: M.string(),
    bundleFormat: M.string(),
  },
);

export const shape = harden({ ManagerType, SwingSetConfig });
