/**
 * Tests durable objects in a real vat, before and after an upgrade.
 *
 * The vat's root has `runTests(driver, phase)`, where `phase` is `before` or `after`. It sends
 * `log(data)` to the driver, any number of times, and at the end `testComplete()`.
 */
import { test } from './prepare-test-env.js';
import { kunser } from '@agoric/kmarshal';
import { initializeSwingset } from '../controller/initialize.js';
import { makeSwingsetController } from '../controller/make-controller.js';
import { dropInSourcePath } from '../package-paths.js';
import { initSwingStore } from '../store/swing-store.js';

export { test };

/** What the harness uses of ava's `t`. */
interface TestContext {
  is(actual: unknown, expected: unknown): unknown;
  teardown(end: () => Promise<void>): void;
}

/**
 * Creates the vat, upgrades it to the same code, and passes what it logged to `logCheck`.
 *
 * @param testVatSource - Absolute path of the vat's source.
 * @param testVatParams - Data; its `vatParameters`.
 */
export const runDVOTest = async <T extends TestContext>(
  t: T,
  logCheck: (t: T, phase: 'before' | 'after', log: unknown) => void,
  testVatSource: string,
  testVatParams?: unknown,
): Promise<void> => {
  const config = {
    includeDevDependencies: true,
    bootstrap: 'bootstrap',
    vats: { bootstrap: { sourceSpec: dropInSourcePath('bootstrap-dvo-test.js') } },
    bundles: { testVat: { sourceSpec: testVatSource } },
  };
  const { kernelStorage } = initSwingStore();
  await initializeSwingset(config, [], kernelStorage);
  const controller = await makeSwingsetController(kernelStorage, {});
  t.teardown(() => controller.shutdown());
  controller.pinVatRoot('bootstrap');
  await controller.run();

  for (const [phase, method] of [
    ['before', 'buildV1'],
    ['after', 'upgradeV2'],
  ] as const) {
    const kpid = controller.queueToVatRoot('bootstrap', method, [testVatParams]);
    await controller.run();
    t.is(controller.kpStatus(kpid), 'fulfilled');
    logCheck(t, phase, kunser(controller.kpResolution(kpid) as never));
  }
};
