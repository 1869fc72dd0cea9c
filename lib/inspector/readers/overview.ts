/** What the whole swingset is like. */
import { rollingProgress } from '../../kernel/cranks/sleepers.js';
import { readHeight } from '../../host/solo-server/results.js';
import { readLastBlock } from '../../host/block-host/tables/last-block.js';
import { readEpochLedger } from '../../platform-epoch/ledger.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { KVStore } from '../../store/types.js';
import type { PlatformEpochRecord } from '../../types/platform-epoch.js';
import type { StoredService } from '../../types/vat-service.js';
import type {
  EpochAnswer,
  EpochsAnswer,
  FailureAnswer,
  OverviewAnswer,
  TurnAnswer,
} from '../answers.js';
import type { Tables } from './krefs.js';

/** Of the last block of a chain or of a solo host; null where neither ran. */
export const heightIn = (kv: Pick<KVStore, 'get' | 'getNextKey'>): number | null => {
  const height = readLastBlock(kv)?.height ?? readHeight(kv);
  return height > 0 ? height : null;
};

const countVats = (state: KernelState): OverviewAnswer['vats'] => {
  const { vats, services } = state;
  const counts = { running: 0, paused: 0, sleeping: 0, suspended: 0 };
  for (const vatID of vats.allIDs()) {
    const { type } = services.get(vatID);
    if (type === 'in-service') counts.running += 1;
    else if (type === 'paused' || type === 'sleeping') counts[type] += 1;
    else counts.suspended += 1;
  }
  return { ...counts, terminated: vats.terminatedIDs().length };
};

export const describeSwingset = (
  { kv, state }: Tables,
  activityhash: string,
): Omit<OverviewAnswer, 'home' | 'slog'> => {
  const last = readEpochLedger({ kvStore: kv }).at(-1);
  return {
    crankNumber: state.crankNumber,
    activityhash,
    height: heightIn(kv),
    runQueue: state.runQueue.length,
    acceptanceQueue: state.acceptanceQueue.length,
    waiting: state.waiting.vatIDs().reduce((sum, vatID) => sum + state.waiting.count(vatID), 0),
    vats: countVats(state),
    epoch: last ? { epoch: last.epoch, status: last.status } : null,
    stats: state.stats.all(),
  };
};

const errorOf = (service: StoredService): string | undefined =>
  service.type === 'paused' ? undefined : service.error;

const listFailures = ({ vats, services }: KernelState): readonly FailureAnswer[] =>
  vats.allIDs().flatMap(vatID => {
    const service = services.get(vatID);
    if (service.type === 'in-service') return [];
    const error = errorOf(service);
    if (error === undefined) return [];
    const name = vats.getOptions(vatID).name ?? null;
    return [{ vatID, name, sinceCrank: service.sinceCrank, error, service: service.type }];
  });

/** Whether a failure came after an epoch began and before the next one did. */
const isIn =
  (ledger: readonly PlatformEpochRecord[], index: number) =>
  ({ sinceCrank }: FailureAnswer): boolean =>
    sinceCrank >= (ledger[index]?.startedAtCrank ?? 0) &&
    sinceCrank < (ledger[index + 1]?.startedAtCrank ?? Infinity);

/** @param turnsOf - what the slog says of an epoch's restart; undefined without a slog */
export const describeEpochs = (
  { kv, state }: Tables,
  turnsOf: ((epoch: PlatformEpochRecord['epoch']) => readonly TurnAnswer[]) | undefined,
): EpochsAnswer => {
  const ledger = readEpochLedger({ kvStore: kv });
  const failures = listFailures(state);
  return {
    crankNumber: state.crankNumber,
    epochs: ledger.map((record, index): EpochAnswer => ({
      ...record,
      failures: failures.filter(isIn(ledger, index)),
      turns: turnsOf?.(record.epoch) ?? [],
    })),
    rolling: rollingProgress(state) ?? null,
    fromSlog: turnsOf !== undefined,
  };
};
