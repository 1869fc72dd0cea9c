/** Two boots of one swingset on a host's own realm: the second restarts every vat at an epoch. */
import { fileURLToPath } from 'node:url';
import {
  buildBridge,
  buildTimer,
  initializeSwingset,
  initSwingStore,
  makeSwingsetController,
} from '../../lib/index.js';
import type { ManagerTypeName, SwingSetConfig } from '../../lib/index.js';

const source = (name: string) => ({
  sourceSpec: fileURLToPath(new URL(`vats/${name}.js`, import.meta.url)),
});

export const runScenario = async (worker: string | undefined) => {
  const timer = buildTimer();
  const bridge = buildBridge((_word: unknown, number: unknown) => Number(number) / 2);
  const config: SwingSetConfig = {
    bootstrap: 'boot',
    defaultManagerType: worker as ManagerTypeName,
    vats: { boot: source('boot') },
    bundles: { contract: source('contract') },
    devices: {
      timer: { sourceSpec: timer.srcPath },
      bridge: { sourceSpec: bridge.srcPath },
    },
  };
  const { kernelStorage, hostStorage } = initSwingStore();
  const boot = (platformEpoch: number) =>
    makeSwingsetController({
      kernelStorage,
      deviceEndowments: { timer: timer.endowments, bridge: bridge.endowments },
      platformEpoch,
    });

  const bootstrapResult = await initializeSwingset(config, [], kernelStorage);
  const first = await boot(1);
  await first.run();
  const saw = first.kpResolution(bootstrapResult!).body;
  await hostStorage.commit();
  await first.shutdown();

  const second = await boot(2);
  const restarted = second.getPlatformRestartReport()?.vats.map(({ name, vatID, result }) => {
    return `${name ?? vatID}: ${result}`;
  });
  const kpid = second.queueToVatRoot('boot', 'count');
  await second.run();
  const later = second.kpResolution(kpid).body;
  await second.shutdown();
  await hostStorage.close();
  return { saw, restarted, later };
};
