// @ts-check
/**
 * The vat-admin vat. Through it other vats create, watch, upgrade and terminate vats, and get
 * meters and bundlecaps.
 *
 * Boundary: vats call the vatAdminService and the objects it returns. Only the kernel calls the
 * root's callbacks (`VatAdminCallbacks`), and only this vat the root node of the vatAdmin device.
 *
 * Durable state keeps the baggage keys of SwingSet's vat-admin, so this code can take over from it:
 * `vatAdminDev`, `managedVats` (vatIDs of live dynamic vats), `meterByID`, and the kinds
 * criticalVatKey, meter, unlimitedMeter, adminNode, vatAdminService and meterNotifier. Ours are
 * `criticalCreations`, `pausedServices` and `ownVats` (the `managedVats` that this code created).
 * Promises that wait for a callback (`pending.js`) live in RAM.
 */
import {
  makeScalarBigMapStore,
  makeScalarBigSetStore,
  prepareExo,
  provide,
} from '@agoric/vat-data';
import { Fail } from '@endo/errors';
import { E, Far, passStyleOf } from '@endo/far';
import { makeRestart, makeUpgrade, prepareAdminNodes } from './admin-nodes.js';
import { checkCreateVatOptions } from './create-vat-options.js';
import { makeCriticalCreations } from './critical-creations.js';
import { prepareMeterNotifiers } from './meter-notifiers.js';
import { prepareMeters } from './meters.js';
import { makePausedServices } from './paused-services.js';
import { makePending } from './pending.js';
import { makeServicePause } from './service-pause.js';

/** @import { Baggage } from '@agoric/vat-data' */

/** @param {unknown} value what a vat ended with; converting it to text may throw */
const textOf = value => {
  try {
    return `${value}`;
  } catch {
    return 'a value that has no text';
  }
};

/** Fulfilled when the promise is settled, either way. @param {Promise<unknown>} promise */
const settled = promise =>
  promise.then(
    () => {},
    () => {},
  );

/**
 * @param {{ D: (device: any) => any }} vatPowers
 * @param {unknown} _vatParameters
 * @param {Baggage} baggage
 */
export const buildRootObject = (vatPowers, _vatParameters, baggage) => {
  const { D } = vatPowers;
  const managedVats = provide(baggage, 'managedVats', () =>
    makeScalarBigSetStore('managedVats', { durable: true }),
  );
  const meterByID = provide(baggage, 'meterByID', () =>
    makeScalarBigMapStore('meterByID', { durable: true }),
  );

  // Durable, because this vat learns only from `vatTerminated` that a vat has ended. Until then,
  // even in a later incarnation, `done()` must wait for it.
  const ownVats = provide(baggage, 'ownVats', () =>
    makeScalarBigSetStore('ownVats', { durable: true }),
  );
  /** @type {ReturnType<typeof makePending<any>>} by vatID */
  const creations = makePending();
  /** @type {ReturnType<typeof makePending<any>>} by vatID */
  const terminations = makePending();
  /** @type {ReturnType<typeof makePending<number>>} by upgradeID */
  const upgrades = makePending();
  /** @type {ReturnType<typeof makePending<any>>} by bundleID */
  const installations = makePending();
  /** @type {Set<string>} vats that were told to terminate and have not yet */
  const exiting = new Set();
  let staticUpgrades = 0;
  const service = makeServicePause(
    () =>
      exiting.size > 0 ||
      staticUpgrades > 0 ||
      ![creations, upgrades, installations].every(({ isEmpty }) => isEmpty()),
  );
  const { insistServing } = service;

  const device = () => {
    baggage.has('vatAdminDev') ||
      Fail`vatAdmin device not configured: call createVatAdminService() first`;
    return D(baggage.get('vatAdminDev'));
  };

  /** @type {(bundlecap: any, complain: (error: unknown) => Error) => string} */
  const bundleIDOf = (bundlecap, complain) => {
    try {
      return D(bundlecap).getBundleID();
    } catch (error) {
      throw complain(error);
    }
  };

  /** @param {string} vatID */
  const forgetVat = vatID => {
    for (const vats of [managedVats, ownVats]) if (vats.has(vatID)) vats.delete(vatID);
  };

  // SwingSet's code never removed ended vats from `managedVats`, so ask the kernel about those.
  const isRunning = (/** @type {string} */ vatID) =>
    managedVats.has(vatID) && (ownVats.has(vatID) || device().hasVat(vatID));

  const criticalVatKey = prepareExo(baggage, 'criticalVatKey', undefined, {});
  const meters = prepareMeters(baggage, {
    device,
    provideNotifier: meterID => notifiers.provideNotifier(meterID),
  });
  const upgrade = makeUpgrade({ device, upgraded: upgrades.provide });
  const restart = makeRestart({ device, upgraded: upgrades.provide });
  const makeAdminNode = prepareAdminNodes(baggage, {
    device,
    bundleIDOf,
    isRunning,
    done: terminations.provide,
    upgrade,
    restart,
    terminate(vatID, reason) {
      device().terminateWithFailure(vatID, reason);
      exiting.add(vatID);
    },
    insistServing,
  });

  /** @param {Record<string, unknown>} options */
  const checkOptions = options =>
    checkCreateVatOptions(options, {
      isCriticalVatKey: key => key === criticalVatKey,
      meterIDOf: meters.meterIDOf,
    });

  const criticalCreations = makeCriticalCreations(baggage);

  /**
   * @param {string} vatID of a vat whose creation is queued
   * @param {boolean} isCritical
   */
  const awaitNewVat = async (vatID, isCritical) => {
    managedVats.add(vatID);
    ownVats.add(vatID);
    if (isCritical) criticalCreations.add(vatID);
    const adminNode = makeAdminNode(vatID);
    return harden({ adminNode, root: await creations.provide(vatID) });
  };

  /**
   * Terminates a vat that an earlier incarnation requested. Its requester's promise was rejected,
   * so nobody has its adminNode or root. A critical vat stays, because its end would stop the
   * kernel.
   * @param {string} vatID
   */
  const endUnowned = vatID => {
    if (!managedVats.has(vatID) || criticalCreations.has(vatID)) return;
    forgetVat(vatID);
    device().terminateWithFailure(vatID, Error('vat-admin was restarted before the vat was made'));
  };

  const vatAdminService = prepareExo(baggage, 'vatAdminService', undefined, {
    /** @param {string} name a key of the configuration's `bundles` */
    getNamedBundleCap: name => device().getNamedBundleCap(name),
    /** @param {string} name */
    getBundleIDByName: name => device().getBundleIDByName(name),
    /** @param {string} bundleID */
    getBundleCap(bundleID) {
      const bundlecap = device().getBundleCap(bundleID);
      if (!bundlecap) throw Error(`bundleID not yet installed: ${bundleID}`);
      return bundlecap;
    },
    /** Like `getBundleCap`, but waits until the bundle is installed. @param {string} bundleID */
    waitForBundleCap(bundleID) {
      insistServing();
      return device().getBundleCap(bundleID) ?? installations.provide(bundleID);
    },
    /** @param {bigint} remaining @param {bigint} threshold both in computrons */
    createMeter: (remaining, threshold) => meters.createMeter(remaining, threshold),
    createUnlimitedMeter: () => meters.createUnlimitedMeter(),
    /**
     * @param {any} bundlecap a bundlecap or a bundle
     * @param {Record<string, unknown>} [options]
     * @returns {Promise<{ root: any, adminNode: any }>}
     */
    async createVat(bundlecap, options = {}) {
      insistServing();
      const checked = checkOptions(options);
      if (passStyleOf(bundlecap) === 'remotable') {
        const bundleID = bundleIDOf(bundlecap, () =>
          Error('Vat Creation Error: createVat() requires a bundlecap'),
        );
        const vatID = device().createByBundleID(bundleID, checked);
        return awaitNewVat(vatID, checked.critical);
      }
      (passStyleOf(bundlecap) === 'copyRecord' && typeof bundlecap.moduleFormat === 'string') ||
        Fail`createVat(bundle) does not look like a bundle, nor is it a bundlecap`;
      return awaitNewVat(device().createByBundle(bundlecap, checked), checked.critical);
    },
    /** @param {string} name @param {Record<string, unknown>} [options] */
    async createVatByName(name, options = {}) {
      insistServing();
      typeof name === 'string' || Fail`createVatByName() requires bundleName to be a string`;
      const bundleID = D(device().getNamedBundleCap(name)).getBundleID();
      const checked = checkOptions(options);
      return awaitNewVat(device().createByBundleID(bundleID, checked), checked.critical);
    },
  });

  const notifiers = prepareMeterNotifiers(baggage, {
    meterByID,
    readRemaining: meterID => device().getMeter(meterID).remaining,
  });

  const pausedServices = makePausedServices(baggage);
  /** @param {any} target may lack the method */
  const resume = target => void settled(E(target).resumeService());
  // Resume them whether or not their upgrades succeeded: that answer went to an earlier
  // incarnation.
  for (const target of pausedServices.takeAll()) resume(target);

  const root = Far('root', {
    /** @param {any} vatAdminDevice the device's root node, from `bootstrap` */
    createVatAdminService(vatAdminDevice) {
      if (!baggage.has('vatAdminDev')) baggage.init('vatAdminDev', vatAdminDevice);
      baggage.get('vatAdminDev') === vatAdminDevice || Fail`there is one vatAdmin device only`;
      return vatAdminService;
    },
    /**
     * Behind `controller.upgradeStaticVat`, because static vats have no adminNode.
     * @param {string} vatID
     * @param {any} pauseTarget gets `pauseService()` first; a failure is ignored. Null for no pause
     * @param {string} bundleID
     * @param {{ vatParameters?: unknown, upgradeMessage?: string }} options
     */
    async upgradeStaticVat(vatID, pauseTarget, bundleID, options) {
      if (!pauseTarget) return upgrade(vatID, bundleID, options);
      // If counted, this vat's own upgrade would block its own pause. Its next incarnation serves
      // anyway.
      const isOwn = pauseTarget === root;
      if (!isOwn) {
        pausedServices.add(pauseTarget);
        staticUpgrades += 1;
      }
      try {
        await settled(E(pauseTarget).pauseService());
        return await upgrade(vatID, bundleID, options);
      } catch (error) {
        resume(pauseTarget);
        throw error;
      } finally {
        if (!isOwn) {
          pausedServices.delete(pauseTarget);
          staticUpgrades -= 1;
        }
        service.check();
      }
    },
    /** Before an upgrade of this vat: takes no new work, answers when none is in progress. */
    pauseService: () => service.pause(),
    resumeService: () => service.resume(),
    /**
     * The result of an upgrade that the kernel queued itself, while this vat was suspended.
     * @param {string} upgradeID
     */
    awaitUpgrade: async upgradeID =>
      harden({ incarnationNumber: await upgrades.provide(upgradeID) }),
    /** The key that `createVat` requires as `critical`. */
    getCriticalVatKey: () => criticalVatKey,

    /** @type {import('../../devices/vat-admin/hooks.js').VatAdminCallbacks['newVatCallback']} */
    newVatCallback(vatID, result) {
      if ('error' in result) {
        forgetVat(vatID);
        creations.reject(vatID, result.error);
      } else {
        if (creations.has(vatID)) creations.resolve(vatID, result.rootObject);
        else endUnowned(vatID);
      }
      criticalCreations.delete(vatID);
      service.check();
    },
    /** @type {import('../../devices/vat-admin/hooks.js').VatAdminCallbacks['vatUpgradeCallback']} */
    vatUpgradeCallback(upgradeID, success, error, incarnationNumber) {
      if (success) upgrades.resolve(upgradeID, Number(incarnationNumber));
      else upgrades.reject(upgradeID, error);
      service.check();
    },
    /** @type {import('../../devices/vat-admin/hooks.js').VatAdminCallbacks['vatTerminated']} */
    vatTerminated(vatID, shouldReject, info) {
      forgetVat(vatID);
      exiting.delete(vatID);
      criticalCreations.delete(vatID);
      if (shouldReject) terminations.reject(vatID, info);
      else terminations.resolve(vatID, info);
      creations.reject(vatID, Error(`Vat Creation Error: ${textOf(info)}`));
      service.check();
    },
    /** @param {string} meterID @param {bigint} remaining */
    meterCrossedThreshold(meterID, remaining) {
      notifiers.meterCrossedThreshold(meterID, remaining);
    },
    /** @param {string} bundleID */
    bundleInstalled(bundleID) {
      if (installations.has(bundleID)) {
        installations.resolve(bundleID, device().getBundleCap(bundleID));
        service.check();
      }
    },
  });
  return root;
};
harden(buildRootObject);
