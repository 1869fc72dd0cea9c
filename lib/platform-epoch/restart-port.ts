/** The kernel as `lib/platform-epoch` sees it while it is being started. */
import { recountGauges } from '../state/gauges.js';
import { compareIDs, parseKRef, type KRef, type VatID } from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import { findFlaw } from '../types/readable-data.js';
import { findAbandonedHeld } from './abandoned-held.js';
import { adoptCurrentPlatform, outlivesWorkers } from '../kernel/vats/incarnation.js';
import { findExcess } from '../kernel/delivery/capdata-limits.js';
import { kser } from '../kernel/delivery/kmarshal.js';
import { hasSameLiveslots, isLoadable } from './loadable.js';
import { countQueued } from './queued-events.js';
import { restartVat, type RestartVatPorts } from './restart-vat.js';
import { runAhead } from './run-ahead.js';
import type { PlatformRestartPort } from '../kernel/types.js';
import { isUnborn } from '../kernel/vats/unborn.js';

const isCapData = (value: unknown): value is CapData<string> => {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false;
  const { body, slots } = value as Partial<CapData<string>>;
  return typeof body === 'string' && Array.isArray(slots);
};

/** Marshals what a host passes, unless it has done so itself. @throws for what can't be passed */
const marshal = (value: unknown): CapData<KRef> => {
  if (!isCapData(value)) return kser(value);
  if (findFlaw(value) !== undefined) throw TypeError('not marshalled data');
  return { body: value.body, slots: value.slots.map(slot => parseKRef(slot)) };
};

export const makeRestartPort = (
  ports: RestartVatPorts,
  assumedEngine?: string,
): PlatformRestartPort => {
  const { lifecycle, cranks, now, faultPoint } = ports;
  const { state, platform, kernelStorage, warehouse, slog } = lifecycle;
  const loads = (vatID: VatID): boolean =>
    isLoadable(platform, kernelStorage.bundleStore, state.vats.getOptions(vatID), assumedEngine);
  return {
    epochs: state.platformEpochs,
    platform,
    get crankNumber() {
      return state.crankNumber;
    },
    liveVats: () => {
      const dynamic = new Set(state.vats.dynamicIDs());
      return state.vats
        .allIDs()
        .map(vatID => {
          const { name, critical } = state.vats.getOptions(vatID);
          const isStatic = !dynamic.has(vatID);
          const { bundleID } = state.vats.getSource(vatID);
          const incarnation = warehouse.getIncarnation(vatID);
          return { vatID, name, critical, isStatic, bundleID, incarnation };
        })
        .sort((a, b) => compareIDs(a.vatID, b.vatID));
    },
    isLive: vatID => state.vats.isLive(vatID),
    boundTo: vatID => {
      const { workerOptions } = state.vats.getOptions(vatID);
      return workerOptions.type === 'xsnap' && !state.suspensions.isSuspended(vatID)
        ? { engine: workerOptions.engine ?? assumedEngine }
        : undefined;
    },
    isLoadable: loads,
    isContinuable: vatID =>
      loads(vatID) &&
      (state.vats.getOptions(vatID).workerOptions.type === 'xsnap' ||
        hasSameLiveslots(platform, state.platformEpochs.ledger())),
    readParameters: value => {
      let data: CapData<KRef>;
      try {
        data = marshal(value);
      } catch {
        return { expected: 'passable data, or { body, slots } that is marshalled already' };
      }
      const excess = findExcess(data, state.settings.limits);
      if (excess) {
        const { limit } = excess;
        return { expected: `no more than vats can take: ${limit} ${state.settings.limits[limit]}` };
      }
      const missing = data.slots.find(kref => !state.exists(kref));
      if (missing === undefined) return { data };
      return { expected: `no reference to ${missing}, which does not exist` };
    },
    countQueued: () => countQueued(state),
    getParameters: vatID => state.vats.getParameters(vatID),
    setParameters: (vatID, parameters) => state.vats.setParameters(vatID, parameters),
    isUnborn: vatID => isUnborn(lifecycle, vatID),
    takesParameters: vatID => !outlivesWorkers(state, vatID),
    recordEngine: vatID => {
      const options = state.vats.getOptions(vatID);
      const { workerOptions } = options;
      if (workerOptions.type !== 'xsnap' || workerOptions.engine !== undefined) return;
      if (assumedEngine === undefined) return;
      state.vats.setOptions(vatID, {
        ...options,
        workerOptions: { ...workerOptions, engine: assumedEngine },
      });
    },
    findAbandonedHeld: abandoned => findAbandonedHeld(state, abandoned),
    restartVat: request => restartVat(ports, request),
    runAhead: async request => {
      const { workerOptions, useTranscript } = state.vats.getOptions(request.vatID);
      // Local workers share one thread, so that none of them gains by it.
      if (workerOptions.type === 'xsnap' && useTranscript) await runAhead(lifecycle, request);
    },
    stopAhead: () => warehouse.ahead.shutdown(),
    recountGauges: () => recountGauges(state),
    adoptPlatform: vatID => adoptCurrentPlatform(lifecycle, vatID),
    writeLedger: async (type, write) => {
      await cranks.runTask(type, async () => {
        write(state.platformEpochs);
        return { policy: 'emptyCrank' };
      });
    },
    slog: entry => slog.write(entry),
    now,
    faultPoint,
  };
};
