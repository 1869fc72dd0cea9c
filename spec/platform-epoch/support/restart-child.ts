/**
 * A host in its own process: boots a store with a new epoch, commits, and reports the result.
 * It kills itself at a given fault point, as `kill -9` would.
 */
import '@endo/init/debug.js';
import { makeSwingsetController } from '../../../lib/controller/make-controller.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import { runBlocks } from './blocks.js';
import { COMMIT_POINT, type ChildOrder } from './child-order.js';

const order = JSON.parse(process.argv[2] ?? '') as ChildOrder;
const { path, platformEpoch, mode, withCheckpoint, concurrency, blocks = 0, killAt } = order;

const faultPoint = (name: string): void => {
  if (name === killAt) process.kill(process.pid, 'SIGKILL');
};

const quiet = () => undefined;
const { hostStorage, kernelStorage } = openSwingStore(path);
process.send?.({ booting: true });
const controller = await makeSwingsetController({
  kernelStorage,
  platformEpoch,
  console: { log: quiet, info: quiet, warn: quiet, error: quiet, debug: quiet },
  faultPoint,
  platformRestart: {
    mode,
    ...(concurrency !== undefined && { concurrency }),
    ...(withCheckpoint && { checkpoint: () => hostStorage.commit() }),
  },
});
faultPoint(COMMIT_POINT);
await hostStorage.commit();
await runBlocks({ controller, hostStorage, blocks, faultPoint });
process.send?.({ restarted: controller.getPlatformRestartReport()?.vats.length ?? 0 });
await controller.shutdown();
await hostStorage.close();
process.disconnect();
