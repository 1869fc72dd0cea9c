/** What bare workers of the same vats take: image load, setBundle, startVat. */
import { KernelState } from '../../lib/state/kernel-state.js';
import type { KernelStorage } from '../../lib/store/types.js';
import { timeBareStart } from '../limits/bare-starts.js';
import type { Sample } from '../harness/types.js';
import type { Swingset } from '../swingset.js';
import { figureKey } from './figures.js';

/** Closes the swingset, which has just restarted. Vats that no snapshot has cut are measured. */
export const measureBarePhases = async (swingset: Swingset): Promise<Sample> => {
  const kernelStorage = swingset.kernelStorage as KernelStorage;
  await swingset.controller.shutdown();
  const { vats, services } = new KernelState(kernelStorage);
  const sample: Record<string, number> = {};
  for (const vatID of vats.allIDs()) {
    const { name = vatID, workerOptions } = vats.getOptions(vatID);
    if (workerOptions.type !== 'xsnap' || !services.isInService(vatID)) continue;
    const { load, setBundle, startVat } = await timeBareStart(kernelStorage, vatID);
    Object.assign(sample, {
      [figureKey(name, 'load')]: load,
      [figureKey(name, 'setBundle')]: setBundle,
      [figureKey(name, 'startVat')]: startVat,
    });
  }
  await swingset.close();
  return sample;
};
