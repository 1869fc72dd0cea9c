/** The limit of a start: bare workers that load the image, get their bundle, and run `startVat`. */
import { KernelState } from '../../lib/state/kernel-state.js';
import type { KernelStorage } from '../../lib/store/types.js';
import type { VatID } from '../../lib/types/ids.js';
import { startStopwatch, type Cost } from '../harness/stopwatch.js';
import { median } from '../harness/statistics.js';
import type { Sample } from '../harness/types.js';
import type { Swingset } from '../swingset.js';
import { readBareVat } from './bare-worker.js';

export interface BareStart extends Cost {
  /** Parts of `ms`. */
  readonly load: number;
  readonly setBundle: number;
  readonly startVat: number;
}

/** Starts a vat as its incarnation began, if no snapshot has ended that span. */
export const timeBareStart = async (
  kernelStorage: KernelStorage,
  vatID: VatID,
): Promise<BareStart> => {
  const { start, deliveries } = await readBareVat(kernelStorage, vatID);
  const [startVat] = deliveries.values();
  if (!startVat) throw Error(`${vatID} has no startVat in its span`);
  const read = startStopwatch();
  let load = 0;
  const worker = await start(() => {
    load = read().ms;
  });
  const started = read().ms;
  await worker.deliver(startVat);
  const cost = read();
  await worker.kill();
  return { ...cost, load, setBundle: started - load, startVat: cost.ms - started };
};

/** Closes the swingset. The medians over its dynamic vats. */
export const measureBareStarts = async (swingset: Swingset): Promise<Sample> => {
  const kernelStorage = swingset.kernelStorage as KernelStorage;
  await swingset.controller.shutdown();
  const costs = [];
  for (const vatID of new KernelState(kernelStorage).vats.dynamicIDs()) {
    costs.push(await timeBareStart(kernelStorage, vatID));
  }
  await swingset.close();
  return { wall: median(costs.map(({ ms }) => ms)), cpu: median(costs.map(({ cpuMs }) => cpuMs)) };
};
