/**
 * Queues upgrades that the host asks for. Like a vat's, they go through vat-admin. If vat-admin is
 * out of service, the kernel queues the event itself, and vat-admin reports the outcome when it is
 * back. Otherwise nothing could mend a vat-admin that can't start.
 */
import type { BundleID, ObjectKRef, PromiseKRef, VatID } from '../../types/ids.js';
import { BadOptionError } from '../../errors.js';
import type { KernelState } from '../../state/kernel-state.js';
import { VatStateError } from '../delivery/errors.js';
import { kser, kslot } from '../delivery/kmarshal.js';
import type { LifecyclePorts } from './vat-lifecycle.js';

export interface StaticUpgrade {
  readonly vatID: VatID;
  /** Gets `pauseService()` before the upgrade. */
  readonly pauseTarget: ObjectKRef | undefined;
  readonly bundleID: BundleID;
  /** `vatParameters`, `upgradeMessage`. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Queues the event of an upgrade. Returns the ID under which vat-admin hears its outcome. */
export const queueUpgrade = (
  state: KernelState,
  {
    vatID,
    bundleID,
    vatParameters,
    upgradeMessage,
    pausedTarget,
  }: {
    readonly vatID: VatID;
    readonly bundleID: BundleID;
    readonly vatParameters: unknown;
    readonly upgradeMessage: string;
    readonly pausedTarget?: ObjectKRef | undefined;
  },
): string => {
  const upgradeID = state.vats.takeUpgradeID();
  state.acceptanceQueue.push({
    type: 'upgrade-vat',
    vatID,
    upgradeID,
    bundleID,
    vatParameters: kser(vatParameters),
    upgradeMessage,
    ...(pausedTarget && { pausedTarget }),
  });
  return upgradeID;
};

/**
 * Queues an upgrade.
 *
 * @returns the promise of vat-admin's answer, `{ incarnationNumber }`
 * @throws VatStateError if the kernel has no vat-admin, BadOptionError for a bad `upgradeMessage`
 */
export const upgradeStaticVat = (
  { state, queue }: Pick<LifecyclePorts, 'state' | 'queue'>,
  { vatID, pauseTarget, bundleID, options }: StaticUpgrade,
): PromiseKRef => {
  const root = state.getVatAdminRoot();
  const adminID = state.getVatAdminID();
  if (!root || !adminID) {
    throw new VatStateError(vatID, "can't be upgraded: the kernel has no vat-admin");
  }
  if (state.services.isInService(adminID)) {
    const target = pauseTarget ? kslot(pauseTarget) : null;
    return queue.callMethod(root, 'upgradeStaticVat', [vatID, target, bundleID, options]);
  }
  const { vatParameters, upgradeMessage = 'vat upgraded' } = options;
  if (typeof upgradeMessage !== 'string') {
    throw new BadOptionError('upgradeMessage', upgradeMessage, 'a string');
  }
  // Nobody awaits the answer. The vat gets the message before it ends.
  if (pauseTarget) queue.castMethod(pauseTarget, 'pauseService', []);
  const upgradeID = queueUpgrade(state, {
    vatID,
    bundleID,
    vatParameters,
    upgradeMessage,
    pausedTarget: pauseTarget,
  });
  // This message precedes the kernel's own, which it sends when the upgrade is done.
  return queue.callMethod(root, 'awaitUpgrade', [upgradeID]);
};
