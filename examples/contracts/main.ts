/**
 * Restarts contracts that refuse on restart what they were created with, as contracts on Zoe do.
 * Rehearses first, then restarts in each mode with `platformRestart.vatParameters`
 * (docs/platform-epochs.md).
 *
 *   npm run example:contracts -- [--worker xsnap|local]
 */
import '@endo/init';
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { SwingsetRuntimeOptions } from '../../lib/controller/option-types.js';
import { rehearsePlatformEpoch } from '../../lib/host/rehearse-platform-epoch.js';
import type { SoloHost } from '../../lib/host/solo-host.js';
import { readRetainedParameters } from '../../lib/host/vat-parameters.js';
import { kunser } from '../../lib/kernel/delivery/kmarshal.js';
import { describeParameters } from '../../lib/platform-epoch/parameter-advice.js';
import { describeVerdict } from '../../lib/platform-epoch/report-words.js';
import type { PlatformRestartOptions } from '../../lib/platform-epoch/restart-options.js';
import type { VatParametersFunction } from '../../lib/platform-epoch/types.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import type { KRef } from '../../lib/types/ids.js';
import type { CapData } from '../../lib/types/messages.js';
import { callRoot, openSolo } from '../solo.js';

const { values } = parseArgs({ options: { worker: { type: 'string', default: 'xsnap' } } });
const worker = values.worker === 'local' ? 'local' : 'xsnap';
const configFile = fileURLToPath(new URL('./swingset.json', import.meta.url));

const call = async (host: SoloHost, method: string, ...args: unknown[]): Promise<unknown> =>
  (await callRoot(host, 'market', method, args)).value;

/** One life of the market: boots, does `work`, and shuts down. */
const live = async <T>(
  home: string,
  runtimeOptions: SwingsetRuntimeOptions,
  work: (host: SoloHost) => Promise<T>,
): Promise<T> => {
  const host = await openSolo({ home, configFile, worker, runtimeOptions });
  try {
    await host.run();
    return await work(host);
  } finally {
    await host.close();
  }
};

/** All shops share one bundle. Names would not do: any vat may create a vat named "bakery". */
const findShopBundle = async (home: string): Promise<string> => {
  const { hostStorage, kernelStorage } = openSwingStore(home, { readOnly: true });
  try {
    return readRetainedParameters(kernelStorage, 'bakery').bundleID;
  } finally {
    await hostStorage.close();
  }
};

const modes: readonly (readonly [title: string, PlatformRestartOptions])[] = [
  ['eager', { mode: 'eager' }],
  ['eager, two at a time', { mode: 'eager', concurrency: 2 }],
  ['lazy', { mode: 'lazy' }],
];

const main = async (base: string): Promise<void> => {
  const origin = join(base, 'origin');
  await live(origin, { platformEpoch: 'spring' }, async host => {
    await call(host, 'open', 'bakery', 3);
    await call(host, 'open', 'florist', 10);
    assert.deepEqual(await call(host, 'sell', 'bakery'), [1, 3, 3]);
    assert.deepEqual(await call(host, 'sell', 'florist'), [1, 10, 13]);
  });

  const shops = await findShopBundle(origin);
  const vatParameters: VatParametersFunction = ({ bundleID, retained }) => {
    if (bundleID !== shops || retained === undefined) return undefined;
    const { till: _durable, ...rest } = kunser(retained as CapData<KRef>) as { till: unknown };
    return rest;
  };

  console.log('== rehearsal without parameters');
  const without = await rehearsePlatformEpoch(origin, { platformEpoch: 'summer' });
  console.log([...describeParameters(without), describeVerdict(without)].join('\n'));
  assert.equal(without.ok, false);

  console.log('\n== rehearsal with parameters');
  const platformRestart = { vatParameters };
  const rehearsed = await rehearsePlatformEpoch(origin, {
    platformEpoch: 'summer',
    platformRestart,
  });
  console.log([...describeParameters(rehearsed), describeVerdict(rehearsed)].join('\n'));
  assert.equal(rehearsed.ok, true);

  for (const [title, options] of modes) {
    const home = join(base, title.replaceAll(/\W+/g, '-'));
    cpSync(origin, home, { recursive: true });
    console.log(`\n== ${title}`);
    const summer = { platformEpoch: 'summer', platformRestart: { ...options, vatParameters } };
    await live(home, summer, async host => {
      for (const vat of host.controller.getPlatformRestartReport()?.vats ?? []) {
        const result = vat.sleeps ? 'sleeps, not tried yet' : vat.result;
        console.log(`${vat.vatID} ${vat.name}: ${result}, with ${vat.parameters} parameters`);
        assert.equal(vat.error, undefined);
      }
      assert.deepEqual(await call(host, 'sell', 'bakery'), [2, 3, 16]);
      assert.deepEqual(await call(host, 'sell', 'florist'), [2, 10, 26]);
    });
    // The parameters are retained, so later epochs need none.
    await live(home, { platformEpoch: 'autumn', platformRestart: options }, async host => {
      assert.deepEqual(await call(host, 'sell', 'bakery'), [3, 3, 29]);
      assert.deepEqual(await call(host, 'sell', 'florist'), [3, 10, 39]);
      console.log('autumn, without any: both shops go on');
    });
  }
};

const base = mkdtempSync(join(tmpdir(), 'contracts-'));
try {
  await main(base);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  rmSync(base, { recursive: true, force: true });
}
