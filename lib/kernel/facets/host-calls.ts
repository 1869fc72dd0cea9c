/** What a host may ask of a running kernel besides running it. See host-facet.ts. */
import { BadOptionError, quoteValue } from '../../errors.js';
import { checkKnownFields } from '../../unknown-fields.js';
import {
  parseBundleID,
  parsePromiseKRef,
  parseVatID,
  type BundleID,
  type KRef,
  type ObjectKRef,
  type PromiseKRef,
  type VatID,
} from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import type { RollingStatus } from '../../types/platform-epoch.js';
import { insistDeliverable } from '../delivery/capdata-limits.js';
import type { CrankRunner } from '../cranks/crank-runner.js';
import { dropEvent, insistDroppable } from '../cranks/drop-event.js';
import { saveSnapshot, withDueSnapshot } from '../vats/due-snapshot.js';
import { dumpKernel, statusOf } from './dump.js';
import { VatStateError } from '../delivery/errors.js';
import { provideRootObject } from '../vats/root-object.js';
import { isMentionable } from '../delivery/mentionable.js';
import { changeKernelOptions } from './kernel-options.js';
import { kser } from '../delivery/kmarshal.js';
import { crankComplete, outcomeOf, type CrankOutcome } from '../delivery/outcome.js';
import { upgradeStaticVat } from '../vats/static-upgrade.js';
import {
  DEFAULT_RESTART_MESSAGE,
  obstacleToRestart,
  restartOneVat,
  type VatRestartRequest,
} from '../vats/vat-restart.js';
import { pauseVat, resumeVat, suspendVat, unpauseVat } from '../vats/suspension.js';
import {
  checkArgs,
  checkCapData,
  checkMethod,
  checkPlace,
  checkPolicy,
  targetOf,
} from './host-arguments.js';
import type { HostFacet, HostResultPolicy } from './host-facet.js';
import { tellVatAdmin, type LifecyclePorts } from '../vats/vat-lifecycle.js';

export interface HostCallPorts {
  readonly lifecycle: LifecyclePorts;
  readonly cranks: CrankRunner;
  /** Runs asynchronous calls one at a time. */
  readonly exclusively: <T>(operation: string, task: () => Promise<T>) => Promise<T>;
  /** Makes a synchronous change between cranks. */
  readonly betweenCranks: <T>(operation: string, task: () => T) => T;
  /**
   * Answers a question whose answer changes a row. Also while another call is at work, but not in
   * the midst of a crank: a run policy may ask.
   */
  readonly duringCalls: <T>(operation: string, task: () => T) => T;
  readonly testLog: readonly string[];
  readonly rolling: () => RollingStatus | undefined;
}

export const makeHostCalls = ({
  lifecycle,
  cranks,
  exclusively,
  betweenCranks,
  duringCalls,
  testLog,
  rolling,
}: HostCallPorts): HostFacet => {
  const { state, queue, warehouse, kernelStorage } = lifecycle;
  const { bundleStore } = kernelStorage;

  const insistLive = (vatID: VatID): VatID => {
    if (!state.vats.isLive(vatID)) throw new VatStateError(vatID, 'does not exist');
    return vatID;
  };
  const insistBundle = (bundleID: BundleID): BundleID => {
    if (bundleStore.hasBundle(bundleID)) return bundleID;
    throw new BadOptionError('bundleID', bundleID, 'the ID of an installed bundle');
  };
  const insistPromise = (kpid: PromiseKRef): PromiseKRef => {
    if (state.promises.exists(kpid)) return kpid;
    throw new BadOptionError('kpid', kpid, 'a promise that exists (kpRegisterInterest keeps one)');
  };
  /** Refuses data too large for vats, and references that the host kept without holding them. */
  const insistSendable = (field: string, data: CapData<KRef>): CapData<KRef> => {
    for (const kref of data.slots) {
      if (isMentionable(state, kref)) continue;
      throw new BadOptionError(field, kref, 'references to things that somebody still holds');
    }
    return insistDeliverable(data, state.settings.limits, field);
  };
  const readRestartRequest = (givenID: unknown, options: object): VatRestartRequest => {
    const reporting = { console: lifecycle.console };
    checkKnownFields(options, ['upgradeMessage', 'vatParameters'], reporting);
    const { upgradeMessage = DEFAULT_RESTART_MESSAGE, vatParameters } = options as {
      readonly upgradeMessage?: unknown;
      readonly vatParameters?: unknown;
    };
    if (typeof upgradeMessage !== 'string') {
      throw new BadOptionError('options.upgradeMessage', upgradeMessage, 'a string');
    }
    return {
      vatID: parseVatID(givenID),
      upgradeMessage,
      ...(vatParameters !== undefined && {
        vatParameters: insistSendable('options.vatParameters', kser(vatParameters)),
      }),
    };
  };
  const vatTask = (
    operation: string,
    crankType: string,
    vatID: VatID,
    run: typeof resumeVat,
  ): Promise<CrankOutcome> =>
    exclusively(operation, async () => {
      insistLive(vatID);
      return cranks.runTask(crankType, async () =>
        withDueSnapshot(lifecycle, await run(lifecycle, vatID, 'host')),
      );
    });

  const vatNameToID = (name: string): VatID => state.vats.getByName(name);
  const getRootObject = (operation: string, vatID: VatID): ObjectKRef =>
    betweenCranks(operation, () => provideRootObject(lifecycle, insistLive(vatID)));
  const registerInterest = (operation: string, kpid: PromiseKRef): void =>
    betweenCranks(operation, () => state.registerInterest(insistPromise(kpid)));

  const queueMessage = (
    operation: string,
    target: ObjectKRef | PromiseKRef,
    method: string | symbol,
    args: readonly unknown[],
    given: HostResultPolicy,
  ): PromiseKRef | undefined => {
    const policy = checkPolicy(given);
    const marshal = (): CapData<KRef> =>
      insistSendable('args', kser([checkMethod(method), checkArgs(args)]));
    if (policy === 'none') {
      betweenCranks(operation, () =>
        queue.sendFromOutside(target, { methargs: marshal(), result: null }),
      );
      return undefined;
    }
    const kpid = betweenCranks(operation, () => queue.sendWithResult(target, marshal(), policy));
    registerInterest(operation, kpid);
    return kpid;
  };

  return {
    queueToVatRoot: ((vatName: string, method, args = [], policy = 'ignore') => {
      const root = getRootObject('queueToVatRoot', vatNameToID(vatName));
      return queueMessage('queueToVatRoot', root, method, args, policy);
    }) as HostFacet['queueToVatRoot'],
    queueToVatObject: ((target: unknown, method, args = [], policy = 'ignore') =>
      queueMessage(
        'queueToVatObject',
        targetOf(target),
        method,
        args,
        policy,
      )) as HostFacet['queueToVatObject'],
    kpRegisterInterest: kpid => registerInterest('kpRegisterInterest', parsePromiseKRef(kpid)),
    kpStatus: given => {
      const kpid = parsePromiseKRef(given);
      return state.promises.exists(kpid) ? state.promises.getState(kpid) : 'unknown';
    },
    kpResolution: (given, options) => {
      const reporting = { console: lifecycle.console, origin: lifecycle };
      checkKnownFields(options ?? {}, ['incref'], reporting);
      const { incref = true } = options ?? {};
      const kpid = parsePromiseKRef(given);
      const promise = state.promises.get(insistPromise(kpid));
      if (promise.state === 'unresolved') {
        const message = `resolution of ${quoteValue(kpid)} is still pending`;
        throw new BadOptionError('kpid', kpid, 'a promise that is resolved', { message });
      }
      const { data } = promise;
      const release = () => {
        if (!state.releaseInterest(kpid)) return;
        if (incref) for (const kref of data.slots) state.holdForHost(kref);
      };
      // Reading a promise that the host does not hold changes nothing.
      if (state.countInterest(kpid) > 0) duringCalls('kpResolution', release);
      return data;
    },
    kpForget: given => {
      const kpid = insistPromise(parsePromiseKRef(given));
      betweenCranks('kpForget', () => state.releaseInterest(kpid));
    },
    pinVatRoot: vatName => {
      const root = getRootObject('pinVatRoot', vatNameToID(vatName));
      betweenCranks('pinVatRoot', () => state.pinObject(root));
      return root;
    },
    vatNameToID,
    deviceNameToID: name => state.devices.getByName(name),
    getRootObject: given => {
      const vatID = parseVatID(given);
      return duringCalls('getRootObject', () => provideRootObject(lifecycle, insistLive(vatID)));
    },
    installBundle: read =>
      exclusively('validateAndInstallBundle', async () => {
        const { bundle, bundleID } = await read();
        lifecycle.insistRunning();
        return state.atomically(() => {
          if (!bundleStore.hasBundle(bundleID)) {
            bundleStore.addBundle(bundleID, bundle);
            tellVatAdmin(lifecycle, 'bundleInstalled', [bundleID]);
          }
          return bundleID;
        });
      }),

    upgradeStaticVat: (vatName, pauseFirst, givenID, given) => {
      const vatID = vatNameToID(vatName);
      const bundleID = parseBundleID(givenID);
      // A copy, and read once: what is checked is what is used.
      const { upgradeMessage, ...others } = given ?? {};
      const options = harden({
        ...others,
        upgradeMessage: upgradeMessage || `vat ${vatName} upgraded`,
      });
      const kpid = betweenCranks('upgradeStaticVat', () => {
        insistLive(vatID);
        insistBundle(bundleID);
        insistSendable('options.vatParameters', kser(options.vatParameters));
        insistSendable('options', kser(options));
        // A vat out of service would not answer, and serves nobody anyway.
        const isToPause = pauseFirst && state.services.isInService(vatID);
        const pauseTarget = isToPause ? provideRootObject(lifecycle, vatID) : undefined;
        return upgradeStaticVat(lifecycle, { vatID, pauseTarget, bundleID, options });
      });
      registerInterest('upgradeStaticVat', kpid);
      return kpid;
    },
    terminateVat: (givenID, given) => {
      const vatID = parseVatID(givenID);
      const data = checkCapData(given, 'reason');
      betweenCranks('terminateVat', () => {
        const reason = insistSendable('reason', data);
        state.acceptanceQueue.push({ type: 'terminate-vat', vatID: insistLive(vatID), reason });
      });
    },
    changeKernelOptions: options =>
      betweenCranks('changeKernelOptions', () => changeKernelOptions(state, warehouse, options)),
    resetAllMeters: remaining =>
      betweenCranks('resetAllMeters', () => {
        if (typeof remaining !== 'bigint' || remaining < 0n) {
          throw new BadOptionError('remaining', remaining, 'a bigint of at least 0n');
        }
        state.meters.resetAll(remaining);
      }),
    reapAllVats: (previousPositions = {}) =>
      betweenCranks('reapAllVats', () => {
        const positions: Record<string, number> = {};
        for (const vatID of state.vats.allIDs()) {
          const { endPos } = kernelStorage.transcriptStore.getCurrentSpanBounds(vatID);
          // A vat that has not begun has no garbage, and one without a transcript no liveslots.
          if (endPos === 0) continue;
          const isNew = endPos > (previousPositions[vatID] ?? 0);
          if (isNew) state.gc.scheduleReap(vatID);
          // The vat's position if nothing but this bringOutYourDead happens to it.
          positions[vatID] = isNew ? endPos + 1 : endPos;
        }
        return positions;
      }),
    snapshotAllVats: () =>
      exclusively('snapshotAllVats', async () => {
        const taken: VatID[] = [];
        for (const vatID of state.vats.allIDs()) {
          // A vat out of service gets no deliveries; a paused one keeps its older snapshot.
          if (state.services.isInService(vatID) && hasNewEntries(lifecycle, vatID)) {
            await cranks.runTask('snapshot', async () => {
              const { result, isSaved } = await saveSnapshot(lifecycle, vatID);
              if (isSaved) taken.push(vatID);
              // No other snapshot is due after this one.
              return result.kind === 'completed'
                ? { kind: 'done', policy: crankComplete(result.computrons) }
                : outcomeOf(vatID, result);
            });
          }
        }
        return taken;
      }),
    injectQueuedUpgradeEvents: () =>
      betweenCranks('injectQueuedUpgradeEvents', () => {
        for (const event of state.takeUpgradeEvents()) state.acceptanceQueue.push(event);
      }),

    suspendVat: async vatID => {
      await vatTask('suspendVat', 'suspend-vat', parseVatID(vatID), suspendVat);
    },
    resumeVat: async givenID => {
      const vatID = parseVatID(givenID);
      const { kind } = await vatTask('resumeVat', 'resume-vat', vatID, resumeVat);
      if (kind === 'done' || kind === 'ended') return;
      // Everything sent to it still waits, and the host may try again.
      const service = state.services.get(vatID);
      const error = service.type === 'failed' ? service.error : 'it was terminated';
      throw new VatStateError(vatID, `could not start: ${error}`);
    },
    restartVat: async (givenID, given) => {
      const request = readRestartRequest(givenID, given ?? {});
      const { vatID } = request;
      const { restart } = await exclusively('restartVat', async () => {
        const obstacle = obstacleToRestart(lifecycle, vatID);
        if (obstacle !== undefined) throw new VatStateError(vatID, obstacle);
        return cranks.runTask('restart-vat', () => restartOneVat(lifecycle, request));
      });
      if (restart.kind === 'restarted') return harden({ incarnationNumber: restart.incarnation });
      throw new VatStateError(vatID, `could not be restarted: ${restart.problem}`);
    },
    pauseVat: vatID => betweenCranks('pauseVat', () => pauseVat(state, parseVatID(vatID), 'host')),
    unpauseVat: vatID =>
      betweenCranks('unpauseVat', () => {
        unpauseVat(state, parseVatID(vatID), 'host');
      }),
    dropEvent: async given => {
      const place = checkPlace(given);
      await exclusively('dropEvent', async () => {
        insistDroppable(state, place, given.event);
        return cranks.runTask('drop-event', async () => dropEvent(lifecycle, place));
      });
    },

    getActivityhash: () => state.getActivityhash(),
    getStats: () => state.stats.all(),
    getStatus: () => statusOf(state, rolling()),
    dump: () => dumpKernel(state, lifecycle.kernelStorage.transcriptStore, testLog),
  };
};

/** Without new entries, a snapshot would equal the last one. */
const hasNewEntries = ({ state, kernelStorage }: LifecyclePorts, vatID: VatID): boolean => {
  if (state.vats.getOptions(vatID).workerOptions.type !== 'xsnap') return false;
  const { startPos, endPos } = kernelStorage.transcriptStore.getCurrentSpanBounds(vatID);
  return endPos - startPos > 1;
};
