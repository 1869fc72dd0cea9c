/** The limit of a boot: bare workers of the same vats load what the store has, one after the other. */
import { KernelState } from '../../lib/state/kernel-state.js';
import type { KernelStorage } from '../../lib/store/types.js';
import type { Context, Sample } from '../harness/types.js';
import { loadKernel } from '../kernels.js';
import { timeBareWakes } from './bare-wakes.js';

export const measureBareReboot = async ({ storeDir }: Context): Promise<Sample> => {
  const { openStore } = await loadKernel('here');
  const { hostStorage, kernelStorage } = openStore(storeDir);
  const stores = kernelStorage as KernelStorage;
  const cost = await timeBareWakes(stores, new KernelState(stores).vats.allIDs());
  await hostStorage.close();
  return { wall: cost.ms, cpu: cost.cpuMs };
};
