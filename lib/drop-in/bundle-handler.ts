/** The stock lockdown and supervisor bundles, as hosts of SwingSet hand them to a kernel. */
import { getLockdownBundle, getLockdownBundleSHA256 } from '@agoric/xsnap-lockdown';
import { getSupervisorBundle, getSupervisorBundleSHA256 } from '@agoric/swingset-xsnap-supervisor';
import type { Bundle, BundleStore } from '../store/types.js';

/** A script: lockdown or supervisor. */
type WorkerBundle = Awaited<ReturnType<typeof getLockdownBundle>>;

export interface XsnapBundleData {
  readonly getLockdownBundleSHA256: () => Promise<string>;
  readonly getLockdownBundle: () => Promise<WorkerBundle>;
  readonly getSupervisorBundleSHA256: () => Promise<string>;
  readonly getSupervisorBundle: () => Promise<WorkerBundle>;
}

export interface BundleHandler {
  /** IDs of lockdown and supervisor, in the order of evaluation. Stores the bundles. */
  getCurrentBundleIDs(): Promise<string[]>;
  getBundle(id: string): Promise<Bundle>;
}

export const makeXsnapBundleData = (): XsnapBundleData =>
  harden({
    getLockdownBundleSHA256,
    getLockdownBundle,
    getSupervisorBundleSHA256,
    getSupervisorBundle,
  });
harden(makeXsnapBundleData);

type WorkerBundleStore = Pick<BundleStore, 'addBundle' | 'getBundle' | 'hasBundle'>;

/** Keeps the bundles of `bundleData` in `bundleStore`. */
export const makeWorkerBundleHandler = (
  bundleStore: WorkerBundleStore,
  bundleData: XsnapBundleData,
): BundleHandler => {
  const keep = async (hash: string, load: () => Promise<WorkerBundle>): Promise<string> => {
    const id = `b0-${hash}`;
    if (!bundleStore.hasBundle(id)) bundleStore.addBundle(id, { ...(await load()) });
    return id;
  };
  return harden({
    getCurrentBundleIDs: async () => [
      await keep(await bundleData.getLockdownBundleSHA256(), bundleData.getLockdownBundle),
      await keep(await bundleData.getSupervisorBundleSHA256(), bundleData.getSupervisorBundle),
    ],
    getBundle: async id => bundleStore.getBundle(id),
  });
};
harden(makeWorkerBundleHandler);
