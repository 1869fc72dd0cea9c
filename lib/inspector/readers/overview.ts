/** What the whole swingset is like. */
import { vatsWithHeldEvents } from '../../kernel/cranks/due-events.js';
import { rollingProgress } from '../../kernel/cranks/sleepers.js';
import { readHeight } from '../../host/solo-server/results.js';
import { isMeantBy } from '../../host/epoch-of-vat.js';
import { readLastBlock } from '../../host/block-host/tables/last-block.js';
import { readEpochLedger } from '../../platform-epoch/ledger.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { KVStore } from '../../store/types.js';
import { compareIDs, type VatID } from '../../types/ids.js';
import type { PlatformEpochRecord } from '../../types/platform-epoch.js';
import type { StoredService } from '../../types/vat-service.js';
import type { SlogReader } from '../activity/slog-reader.js';
import type { EpochAnswer, EpochsAnswer, FailureAnswer, OverviewAnswer } from '../answers.js';
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

const countWaiting = ({ waiting }: KernelState, vatIDs: readonly VatID[]): number =>
  vatIDs.reduce((sum, vatID) => sum + waiting.count(vatID), 0);

export const describeSwingset = (
  { kv, state }: Tables,
  activityhash: string,
): Omit<OverviewAnswer, 'home' | 'slog'> => {
  const last = readEpochLedger({ kvStore: kv }).at(-1);
  const held = vatsWithHeldEvents(state);
  return {
    crankNumber: state.crankNumber,
    activityhash,
    height: heightIn(kv),
    runQueue: state.runQueue.length,
    acceptanceQueue: state.acceptanceQueue.length,
    waiting: countWaiting(state, held),
    dueAgain: countWaiting(
      state,
      state.waiting.vatIDs().filter(vatID => !held.includes(vatID)),
    ),
    vats: countVats(state),
    epoch: last ? { epoch: last.epoch, status: last.status } : null,
    stats: state.stats.all(),
  };
};

const errorOf = (service: StoredService): string | undefined =>
  service.type === 'paused' ? undefined : service.error;

const listFailures = ({
  vats,
  services,
}: KernelState): readonly (FailureAnswer & { readonly vatID: VatID })[] =>
  vats.allIDs().flatMap(vatID => {
    const service = services.get(vatID);
    if (service.type === 'in-service') return [];
    const error = errorOf(service);
    if (error === undefined) return [];
    const name = vats.getOptions(vatID).name ?? null;
    return [{ vatID, name, sinceCrank: service.sinceCrank, error, service: service.type }];
  });

/** Those of the last epoch, while its restart is in progress, whose turn has yet to come. */
const findLeft = (
  { vats, platformEpochs }: KernelState,
  last: PlatformEpochRecord,
): readonly VatID[] => {
  if (last.status !== 'in-progress') return [];
  const done = platformEpochs.lastDone();
  return vats.allIDs().filter(vatID => done === undefined || compareIDs(vatID, done) > 0);
};

/**
 * Whether a vat failed in an epoch. It did if it went out of service there. Each later restart tried
 * it again in vain, unless the vat was exempt or its turn has yet to come: a vat whose start failed
 * keeps the crank since which it is out of service.
 *
 * @param left - the vats whose turn in it has yet to come
 */
const hasFailedIn = (
  state: KernelState,
  ledger: readonly PlatformEpochRecord[],
  index: number,
  left: readonly VatID[],
): ((failure: FailureAnswer & { readonly vatID: VatID }) => boolean) => {
  const { startedAtCrank = 0, options, status } = ledger[index] ?? {};
  const end = ledger[index + 1]?.startedAtCrank ?? Infinity;
  const isUnfinished = status === 'in-progress' && index < ledger.length - 1;
  return ({ vatID, sinceCrank, service }) => {
    if (sinceCrank >= startedAtCrank) return sinceCrank < end;
    if (service !== 'failed' || isUnfinished || left.includes(vatID)) return false;
    return !options?.exempt.some(each => isMeantBy(state, vatID, each));
  };
};

/** How many vats of a restart were put to sleep, or stay suspended because somebody asked for that. */
const countUnstarted = ({
  suspended,
  failed,
  terminated,
  options: { onVatFailure },
}: PlatformEpochRecord): number =>
  // The ledger counts vats that failed once more, under what became of them.
  suspended -
  Math.min(suspended, onVatFailure === 'terminate' ? Math.max(0, failed - terminated) : failed);

export const describeEpochs = (
  { kv, state }: Tables,
  slog: SlogReader | undefined,
): EpochsAnswer => {
  const ledger = readEpochLedger({ kvStore: kv });
  const failures = listFailures(state);
  return {
    crankNumber: state.crankNumber,
    epochs: ledger.map((record, index): EpochAnswer => {
      const left = index === ledger.length - 1 ? findLeft(state, record) : [];
      return {
        ...record,
        failures: failures.filter(hasFailedIn(state, ledger, index, left)),
        unstarted: countUnstarted(record),
        left: left.length,
        turns: slog?.totals.turnsOf(record.epoch) ?? [],
      };
    }),
    rolling: rollingProgress(state) ?? null,
    fromSlog: slog !== undefined,
    slogLeft: slog?.left() ?? 0,
  };
};
