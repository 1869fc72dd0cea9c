import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { inFlags } from '../../lib/cli/flag-words.js';
import { buildTimer } from '../../lib/devices/timer/timer.js';
import { openSoloHost, type SoloHostOptions } from '../../lib/host/solo-host.js';
import { ask, errorOf, silent } from '../controller/support.js';
import { bundleCachePath } from '../support/bundle-cache.js';
import { makeTempDir } from '../support/swingset.js';
import { start } from './solo-server/support.js';

const config: SwingSetConfig = {
  bootstrap: 'alarm',
  defaultManagerType: 'local',
  defaultReapInterval: 1000,
  bundleCachePath,
  vats: { alarm: { sourceSpec: fileURLToPath(new URL('./vats/alarm.js', import.meta.url)) } },
  devices: { timer: { sourceSpec: buildTimer().srcPath } },
};
const withoutOthers = { addComms: false, addVattp: false } as const;

const getConfig = async () => ({ ...config });

const open = (home: string, more: Partial<SoloHostOptions>) =>
  openSoloHost({
    home,
    getConfig,
    initializationOptions: withoutOthers,
    runtimeOptions: { console: silent },
    ...more,
  });

describe("a solo host's clock", () => {
  it('is polled before each run, is no obstacle when it is set back, and goes on in the next life', async () => {
    const home = join(makeTempDir(), 'home');
    let now = 100n;
    const clock = () => now;
    const first = await open(home, { clock });
    await first.run();
    expect(await ask(first.controller, 'alarm', 'setWakeup', 150)).to.deep.equal({
      state: 'fulfilled',
      value: 150n,
    });
    const woken = async () => (await ask(first.controller, 'alarm', 'woken')).value;
    now = 149n;
    await first.run();
    expect(await woken()).to.deep.equal([]);
    now = 160n;
    await first.run();
    expect(await woken()).to.deep.equal([160n]);
    await ask(first.controller, 'alarm', 'setWakeup', 170);
    now = 130n;
    expect(first.pollTimer()).to.equal(false);
    await first.run();
    expect(await woken()).to.deep.equal([160n]);
    await first.close();

    now = 200n;
    const second = await open(home, { clock });
    expect(await second.run()).to.be.above(0);
    expect((await ask(second.controller, 'alarm', 'woken')).value).to.deep.equal([160n, 200n]);
    await second.close();
  });

  it('is not taken for one that was set back when it fails', async () => {
    const home = join(makeTempDir(), 'home');
    const host = await open(home, { clock: () => BigInt(1.5) });
    const error = await errorOf(() => host.run());
    expect(error).to.be.instanceOf(RangeError);
    expect(error.message).to.contain('1.5');
    const options = { clock: 5 } as unknown as SoloHostOptions;
    expect(await errorOf(() => open(home, options))).to.include({ field: 'clock' });
  });

  it('wakes vats of a server that nobody asks anything', async () => {
    let now = 100n;
    let heard = (): void => undefined;
    const server = await start({
      getConfig,
      initializationOptions: withoutOthers,
      clock: () => now,
      onBlock: () => heard(),
    });
    expect(await server.call('alarm', 'setWakeup', 150)).to.deep.equal({ '@bigint': '150' });
    const block = new Promise<void>(resolve => (heard = resolve));
    now = 151n;
    await block;
    expect(await server.call('alarm', 'woken')).to.deep.equal([{ '@bigint': '151' }]);
  });

  it('a device without endowments is an error that says so', async () => {
    const error = await errorOf(() => open(join(makeTempDir(), 'home'), {}));
    expect([error.code, error.message]).to.deep.equal([
      'DEVICE_START',
      'device timer: its code failed to start, and the host gives it no endowments: ' +
        'pass deviceEndowments.timer',
    ]);
    expect(inFlags(error.message)).to.match(
      /its code failed to start, and commands give endowments only to a device that is called timer;/,
    );
  });
});
