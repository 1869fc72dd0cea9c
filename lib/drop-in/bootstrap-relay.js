/**
 * A bootstrap vat that a test's host drives: it hands out vats and devices, creates and upgrades
 * vats from named bundles, and makes objects and promises to send around.
 */
import { Fail, q } from '@endo/errors';
import { E, Far } from '@endo/far';
import { makePromiseKit } from '@endo/promise-kit';
import { makeCallLogs } from './call-logs.js';
import { buildManualTimer } from './manual-timer.js';

/**
 * @typedef {{ name: string, bundleCapName: string, vatParameters?: object }} VatOrder
 * @typedef {{ root: unknown, adminNode?: any, incarnationNumber?: number }} KnownVat
 */

export const buildRootObject = () => {
  const timer = buildManualTimer();
  /** @type {any} */
  let vatAdmin;
  /** @type {Map<string, KnownVat>} */
  const knownVats = new Map();
  /** @type {Map<string, unknown>} */
  const knownDevices = new Map();
  const { makeRemotable, callsOf } = makeCallLogs();

  /** @param {string} name */
  const findVat = name => knownVats.get(name) ?? Fail`unknown vat name: ${q(name)}`;

  return Far('root', {
    /**
     * @param {Record<string, any>} vats
     * @param {Record<string, unknown>} devices
     */
    bootstrap: async ({ vatAdmin: adminVat, ...vats }, devices) => {
      vatAdmin = await E(adminVat).createVatAdminService(devices.vatAdmin);
      for (const [name, root] of Object.entries(vats)) knownVats.set(name, { root });
      for (const [name, device] of Object.entries(devices)) knownDevices.set(name, device);
    },

    getDevice: async (/** @type {string} */ name) => knownDevices.get(name),
    getVatAdmin: async () => vatAdmin,
    getTimer: async () => timer,
    getVatRoot: async (/** @type {string} */ name) => findVat(name).root,

    /**
     * Creates a vat from a named bundle and answers its root.
     *
     * @param {VatOrder} order
     * @param {object} [options]
     */
    createVat: async ({ name, bundleCapName, vatParameters = {} }, options = {}) => {
      const bundleCap = await E(vatAdmin).getNamedBundleCap(bundleCapName);
      const vat = await E(vatAdmin).createVat(bundleCap, { ...options, vatParameters });
      knownVats.set(name, { root: vat.root, adminNode: vat.adminNode });
      return vat.root;
    },

    /** Upgrades a vat of `createVat` and answers its incarnation number. */
    upgradeVat: async (/** @type {VatOrder} */ { name, bundleCapName, vatParameters = {} }) => {
      const vat = findVat(name);
      const bundleCap = await E(vatAdmin).getNamedBundleCap(bundleCapName);
      vat.incarnationNumber = await E(vat.adminNode).upgrade(bundleCap, { vatParameters });
      return vat.incarnationNumber;
    },

    makeRemotable,

    makePromiseKit: () => {
      const { promise, resolve, reject } = makePromiseKit();
      return harden({ promise, resolver: Far('resolver', { resolve, reject }) });
    },

    /** The calls of an object of `makeRemotable`. */
    getLogForRemotable: (/** @type {unknown} */ remotable) =>
      callsOf(remotable) ?? Fail`logs not found for ${q(remotable)}`,

    /**
     * What a value becomes, or what it has at a path of property names.
     *
     * @param {unknown} value
     * @param {string[]} [path]
     */
    awaitVatObject: async (value, path = []) => {
      /** @type {any} */
      let found = await value;
      for (const name of path) found = await found[name];
      return found;
    },
  });
};
harden(buildRootObject);
