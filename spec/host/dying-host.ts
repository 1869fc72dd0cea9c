/** A host process that does some work, and is killed before the second vat of a restart. */
import '@endo/init/debug.js';
import { openSoloHost } from '../../lib/host/solo-host.js';
import { makeConfig, silent, withoutSystemVats } from '../controller/support.js';

const [home = ''] = process.argv.slice(2);

const open = (platformEpoch: number, faultPoint?: (name: string) => void) =>
  openSoloHost({
    home,
    getConfig: async () => makeConfig('local'),
    initializationOptions: withoutSystemVats,
    runtimeOptions: { console: silent, platformEpoch, ...(faultPoint && { faultPoint }) },
  });

const first = await open(1);
await first.run();
first.controller.queueToVatRoot('counter', 'increment', [7]);
await first.run();
await first.close();

await open(2, name => {
  if (name === 'platform-restart:before:v2') process.kill(process.pid, 'SIGKILL');
});
