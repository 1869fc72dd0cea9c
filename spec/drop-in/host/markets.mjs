/**
 * Plays the scenario of Zoe, ERTP and contracts, with a restart between its acts, through the names
 * that hosts import. The last line is JSON.
 */
import '@endo/init/debug.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kunser } from '@agoric/kmarshal';
import { initSwingStore, openSwingStore } from '@agoric/swing-store';
import {
  buildTimer,
  initializeSwingset,
  loadSwingsetConfigFile,
  makeSwingsetController,
} from '@agoric/swingset-vat';
import { checks, closeDeals, openMarkets } from '../../real-vats/scenario.js';

const home = mkdtempSync(join(tmpdir(), 'drop-in-markets-'));
const timer = buildTimer();
let now = 0;

const live = async ({ kernelStorage, hostStorage }, runtimeOptions, act) => {
  const controller = await makeSwingsetController(
    kernelStorage,
    { timer: timer.endowments },
    runtimeOptions,
  );
  const run = async () => {
    await controller.run();
    await hostStorage.commit();
  };
  try {
    await run();
    await act({
      call: async (vat, method, ...args) => {
        const kpid = controller.queueToVatRoot(vat, method, args, 'ignore');
        await run();
        const status = controller.kpStatus(kpid);
        if (status === 'unresolved') throw Error(`${vat}.${method} has no result`);
        const value = kunser(controller.kpResolution(kpid));
        if (status === 'rejected') throw value;
        return value;
      },
      passTime: async seconds => {
        timer.poll((now += seconds));
        await run();
      },
    });
  } finally {
    await controller.shutdown();
    await hostStorage.close();
  }
};

try {
  const config = await loadSwingsetConfigFile(
    fileURLToPath(new URL('../../real-vats/swingset.json', import.meta.url)),
  );
  const store = initSwingStore(home);
  await initializeSwingset(
    { ...config, devices: { timer: { sourceSpec: timer.srcPath } } },
    [],
    store.kernelStorage,
    { addTimer: true },
    { platformEpoch: 'spring' },
  );
  await store.hostStorage.commit();
  const zcf = store.kernelStorage.kvStore.get('namedBundleID.zcf');
  await live(store, { platformEpoch: 'spring' }, openMarkets);
  const vatParameters = ({ bundleID, retained }) => {
    if (bundleID !== zcf) return undefined;
    const { zoeService: _zoe, invitationIssuer: _issuer, ...rest } = kunser(retained);
    return rest;
  };
  await live(
    openSwingStore(home),
    { platformEpoch: 'summer', platformRestart: { vatParameters } },
    powers => closeDeals(powers, 'summer'),
  );
  console.log(JSON.stringify({ checks: checks.count }));
} finally {
  rmSync(home, { recursive: true, force: true });
}
