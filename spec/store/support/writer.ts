/**
 * A process that opens a store and does what its messages say: `{ block }` runs a block of cranks
 * and commits, `{ hold }` leaves changes uncommitted. It reports each commit before and after it
 * happens.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { StoreLockedError } from '../../../lib/store/errors.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import { runBlock } from './block.js';

const [dirPath = '', command = 'run'] = process.argv.slice(2);

const send = (message: object): void => {
  process.send!(message);
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const run = async (): Promise<void> => {
  const { kernelStorage, hostStorage } = openSwingStore(dirPath);
  const start = Number(hostStorage.kvStore.get('host.height') ?? '0');
  if (command === 'hold') {
    kernelStorage.kvStore.set('held', 'not committed');
    process.on('message', () => process.exit(0));
    // Nothing refers to the store any more, but its lock must stay.
    setImmediate(() => {
      collectGarbage();
      send({ holding: true });
    });
    return;
  }
  for (let height = start + 1; ; height += 1) {
    await runBlock({ kernelStorage, hostStorage }, height);
    send({ committing: height });
    await hostStorage.commit();
    send({ committed: height, activityhash: kernelStorage.getActivityhash() });
    // Lets the messages leave before the next block.
    await new Promise(resolve => setImmediate(resolve));
  }
};

run().catch((error: unknown) => {
  send({ error: String(error), code: error instanceof StoreLockedError ? error.code : undefined });
  process.exitCode = 1;
  process.disconnect();
});
