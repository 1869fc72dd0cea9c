/** Makes a store with the installed engine, uses it, and reports the engine's name. */
import '@endo/init/debug.js';
import { fileURLToPath } from 'node:url';
import { initializeSwingset } from '../../../lib/controller/initialize.js';
import { makeSwingsetController } from '../../../lib/controller/make-controller.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';

const source = (name: string) => ({
  sourceSpec: fileURLToPath(new URL(`../vats/${name}.js`, import.meta.url)),
});
const { hostStorage, kernelStorage } = openSwingStore(process.argv[2] ?? '');
await initializeSwingset(
  {
    bootstrap: 'boot',
    pinBootstrapRoot: true,
    defaultManagerType: 'xsnap',
    vats: { boot: source('boot'), alice: source('subject'), bob: source('subject') },
    bundles: { subject: source('subject') },
  },
  [],
  kernelStorage,
  { addComms: false, addVattp: false, addTimer: false },
  { platformEpoch: 1 },
);
const controller = await makeSwingsetController({ kernelStorage });
await controller.run();
controller.queueToVatRoot('boot', 'create', ['carol'], 'panic');
for (const name of ['alice', 'alice', 'bob']) controller.queueToVatRoot(name, 'bump', [], 'panic');
await controller.run();
controller.queueToVatRoot('alice', 'bump', [], 'panic');
await hostStorage.commit();
process.send?.(controller.getEpochLedger()[0]?.fingerprint.engine);
await controller.shutdown();
await hostStorage.close();
process.disconnect();
