/**
 * The limit of a crank: the same commands and answers through the same channel to the same workers,
 * in the kernel's order, and nothing else.
 */
import { KernelState } from '../../lib/state/kernel-state.js';
import type { KernelStorage } from '../../lib/store/types.js';
import { parseVatID, type VatID } from '../../lib/types/ids.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import { costOf, perUnit } from '../harness/stopwatch.js';
import type { Context, Sample } from '../harness/types.js';
import { startSwingset } from '../swingset.js';
import { NO_SNAPSHOTS, type Workload } from '../rows/workload.js';
import { readBareVat, type BareWorker } from './bare-worker.js';

interface Delivered {
  readonly vatID: VatID;
  readonly position: number;
}

const isXsnap = (kernelStorage: KernelStorage, vatID: VatID): boolean =>
  new KernelState(kernelStorage).vats.getOptions(vatID).workerOptions.type === 'xsnap';

export const measureBareChannel = async (
  { config, warmUp, play }: Workload,
  context: Context,
): Promise<Sample> => {
  const delivered: Delivered[] = [];
  const slogSender = ({ type, vatID, deliveryNum }: SlogEntry): void => {
    if (type !== 'deliver') return;
    delivered.push({ vatID: parseVatID(vatID), position: Number(deliveryNum) });
  };
  // No snapshot ends a span, so the current span is all that a vat did.
  const swingset = await startSwingset(context, { ...config, ...NO_SNAPSHOTS }, { slogSender });
  await warmUp(swingset, context);
  const before = delivered.length;
  const cranks = await play(swingset, context);
  const { kernelStorage } = swingset;
  const vatIDs = [...new Set(delivered.map(({ vatID }) => vatID))].filter(vatID =>
    isXsnap(kernelStorage, vatID),
  );
  const vats = new Map(
    await Promise.all(
      vatIDs.map(async vatID => [vatID, await readBareVat(kernelStorage, vatID)] as const),
    ),
  );
  await swingset.close();

  const workers = new Map<VatID, BareWorker>();
  for (const [vatID, { start }] of vats) workers.set(vatID, await start());
  const repeat = async (some: readonly Delivered[]): Promise<void> => {
    for (const { vatID, position } of some) {
      if (!workers.has(vatID)) continue;
      const delivery = vats.get(vatID)?.deliveries.get(position);
      if (!delivery) throw Error(`the transcript of ${vatID} has no delivery ${position}`);
      await workers.get(vatID)?.deliver(delivery);
    }
  };
  await repeat(delivered.slice(0, before));
  const rest = delivered.slice(before);
  const { ms, cpuMs } = perUnit(await costOf(() => repeat(rest)), cranks);
  await Promise.all([...workers.values()].map(worker => worker.kill()));
  return { wall: ms, cpu: cpuMs };
};
