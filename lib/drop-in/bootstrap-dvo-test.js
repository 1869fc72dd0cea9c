/** The bootstrap vat of `dvo-test-harness`: runs the vat under test before and after an upgrade. */
import { E, Far } from '@endo/far';
import { makePromiseKit } from '@endo/promise-kit';

export const buildRootObject = () => {
  /** @type {any} */
  let vatAdmin;
  /** @type {any} */
  let adminNode;
  /** @type {any} */
  let vatRoot;
  /** @type {unknown[]} */
  let log = [];
  let completion = makePromiseKit();

  /** @param {'before' | 'after'} phase */
  const runTests = async phase => {
    log = [];
    completion = makePromiseKit();
    await E(vatRoot).runTests(root, phase);
    await completion.promise;
    return harden([...log]);
  };

  const root = Far('root', {
    /**
     * @param {Record<string, any>} vats
     * @param {Record<string, unknown>} devices
     */
    bootstrap: async (vats, devices) => {
      vatAdmin = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
    },
    log: (/** @type {unknown} */ message) => {
      log.push(message);
    },
    testComplete: () => {
      completion.resolve(true);
    },
    buildV1: async (/** @type {unknown} */ vatParameters) => {
      const bundleCap = await E(vatAdmin).getNamedBundleCap('testVat');
      const vat = await E(vatAdmin).createVat(bundleCap, { vatParameters });
      vatRoot = vat.root;
      adminNode = vat.adminNode;
      return runTests('before');
    },
    upgradeV2: async (/** @type {unknown} */ vatParameters) => {
      const bundleCap = await E(vatAdmin).getNamedBundleCap('testVat');
      await E(adminNode).upgrade(bundleCap, { vatParameters });
      return runTests('after');
    },
  });
  return root;
};
harden(buildRootObject);
