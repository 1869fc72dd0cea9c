/** The kernel as `lib/platform-epoch` sees it while it is being started. */
import { compareIDs } from '../types/ids.js';
import { adoptCurrentPlatform } from './incarnation.js';
import { kser } from './kmarshal.js';
import { isLoadable } from './loadable.js';
import { restartVat, type RestartVatPorts } from './restart-vat.js';
import { runAhead } from './run-ahead.js';
import type { PlatformRestartPort } from './types.js';

export const makeRestartPort = (ports: RestartVatPorts): PlatformRestartPort => {
  const { lifecycle, cranks, now, faultPoint } = ports;
  const { state, platform, kernelStorage, warehouse, slog } = lifecycle;
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
          return { vatID, name, critical, isStatic, incarnation: warehouse.getIncarnation(vatID) };
        })
        .sort((a, b) => compareIDs(a.vatID, b.vatID));
    },
    isLive: vatID => state.vats.isLive(vatID),
    boundTo: vatID => {
      const { workerOptions } = state.vats.getOptions(vatID);
      return workerOptions.type === 'xsnap' && !state.suspensions.isSuspended(vatID)
        ? { engine: workerOptions.engine }
        : undefined;
    },
    isLoadable: vatID =>
      isLoadable(platform, kernelStorage.bundleStore, state.vats.getOptions(vatID)),
    isPassable: value => {
      try {
        return kser(value).slots.every(kref => state.exists(kref));
      } catch {
        return false;
      }
    },
    restartVat: request => restartVat(ports, request),
    runAhead: async request => {
      const { workerOptions, useTranscript } = state.vats.getOptions(request.vatID);
      // Local workers share one thread, so that none of them gains by it.
      if (workerOptions.type === 'xsnap' && useTranscript) await runAhead(lifecycle, request);
    },
    stopAhead: () => warehouse.ahead.shutdown(),
    recountGauges: () => state.recountGauges(),
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
