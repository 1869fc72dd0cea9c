/** The limit of waking vats: bare workers that load what the store has and replay their spans. */
import { KernelState } from '../../lib/state/kernel-state.js';
import type { KernelStorage } from '../../lib/store/types.js';
import type { VatID } from '../../lib/types/ids.js';
import { costOf, perUnit } from '../harness/stopwatch.js';
import type { Sample } from '../harness/types.js';
import type { Swingset } from '../swingset.js';
import { catchUp, readBareVat, type BareVat, type BareWorker } from './bare-worker.js';

/** One after the other. The workers stay, as after a boot, until all are awake. */
export const timeBareWakes = async (kernelStorage: KernelStorage, vatIDs: readonly VatID[]) => {
  const vats: BareVat[] = [];
  for (const vatID of vatIDs) vats.push(await readBareVat(kernelStorage, vatID));
  const workers: BareWorker[] = [];
  const cost = await costOf(async () => {
    for (const vat of vats) workers.push(await catchUp(vat));
  });
  await Promise.all(workers.map(worker => worker.kill()));
  return cost;
};

/** Closes the swingset. */
export const measureBareWakes = async (
  swingset: Swingset,
  names: readonly string[],
): Promise<Sample> => {
  const kernelStorage = swingset.kernelStorage as KernelStorage;
  await swingset.controller.shutdown();
  const { vats } = new KernelState(kernelStorage);
  const cost = await timeBareWakes(
    kernelStorage,
    names.map(name => vats.getByName(name)),
  );
  await swingset.close();
  const { ms, cpuMs } = perUnit(cost, names.length);
  return { wall: ms, cpu: cpuMs };
};
