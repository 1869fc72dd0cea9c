/**
 * Carries out an operator's actions in a store that no server runs on.
 *
 * Only what an action needs is run: an upgrade until vat-admin has answered, a termination until the
 * vat is gone, `runBlock` one block. Everything else waits in the queue for the next server or run.
 */
import { describeError, kunser } from '../../kernel/delivery/kmarshal.js';
import { VatStateError } from '../../kernel/delivery/errors.js';
import type { SwingsetController } from '../../controller/types.js';
import type { RunPolicy } from '../../types/policies.js';
import { openCommittedReader, type CommittedReader } from '../../store/committed-reader.js';
import { makeBlockBudget } from '../block-host/budget.js';
import { asKVStore, readKernelState } from '../committed-kernel.js';
import { openSoloHost } from '../solo-host.js';
import type { UpgradeResult } from './actions.js';
import type { Operator } from './types.js';
import { performAction, queueUpgrade } from './perform.js';
import { reportQueue } from './queue-report.js';

export interface StoreOperatorOptions {
  readonly home: string;
  /** Called when the store is opened. Its abort ends the workers, and nothing more is committed. */
  readonly signal?: () => AbortSignal;
  /** Of a block of `runBlock`; as the solo server's by default. A server has a budget of its own. */
  readonly blockComputrons?: number | undefined;
}

/** As a block of the solo server. */
const BLOCK = { cleanupDeletions: 200, restarts: { vats: 1 } };
const BLOCK_COMPUTRONS = 65_000_000;

/** Runs until `isDone`, and cleans up or starts no vat on the way. */
const policyUntil = (isDone: () => boolean): RunPolicy => {
  const goesOn = () => !isDone();
  return harden<RunPolicy>({
    vatCreated: goesOn,
    crankComplete: goesOn,
    crankFailed: goesOn,
    emptyCrank: goesOn,
    allowCleanup: () => false,
    allowRestart: () => false,
  });
};

const readUpgrade = (controller: SwingsetController, kpid: string): UpgradeResult => {
  const status = controller.kpStatus(kpid);
  switch (status) {
    case 'fulfilled':
      controller.kpResolution(kpid, { incref: false });
      return { kpid, status };
    case 'rejected': {
      const reason = kunser(controller.kpResolution(kpid, { incref: false }));
      return { kpid, status, problem: describeError(reason) };
    }
    default:
      // The upgrade itself stays queued.
      controller.kpForget(kpid);
      return { kpid, status: 'unresolved' };
  }
};

/** Boots the swingset in `home` on the platform that it records. See `openOperator`. */
export const openStoreOperator = async ({
  home,
  signal,
  blockComputrons = BLOCK_COMPUTRONS,
}: StoreOperatorOptions): Promise<Operator> => {
  const host = await openSoloHost({
    home,
    runtimeOptions: {
      ...(signal && { signal: signal() }),
      // Most actions need the worker of one vat, and none before its first delivery.
      warehousePolicy: { preload: 'none' },
    },
  });
  const { controller } = host;
  let reader: CommittedReader;
  try {
    reader = openCommittedReader(home);
  } catch (error) {
    await host.close();
    throw error;
  }
  const readKernel = () => readKernelState(asKVStore(reader));
  const ports = { controller, readKernel };
  const isLive = (vatID: string): boolean =>
    controller.getStatus().activeVats.some(({ id }) => id === vatID);
  return {
    place: 'store',
    perform: async action => {
      try {
        await performAction(ports, action);
      } catch (error) {
        // The error of a vat that could not start is kept, as on a server.
        if (error instanceof VatStateError) await host.commit();
        throw error;
      }
      if (action.action !== 'terminate') return host.commit();
      await host.run(policyUntil(() => !isLive(action.vatID)));
      return undefined;
    },
    upgrade: async action => {
      const kpid = queueUpgrade(ports, action);
      await host.run(policyUntil(() => controller.kpStatus(kpid) !== 'unresolved'));
      const result = readUpgrade(controller, kpid);
      await host.commit();
      return result;
    },
    installBundle: async (bundle, alleged) => {
      const bundleID = await controller.validateAndInstallBundle(bundle, alleged);
      await host.commit();
      return bundleID;
    },
    runBlock: async () => {
      await host.run(makeBlockBudget({ ...BLOCK, blockComputrons }).policy);
      return reportQueue(readKernel());
    },
    close: async () => {
      reader.close();
      await host.close();
    },
  };
};
