import { expect } from 'chai';
import { DeviceCalls } from '../../lib/kernel/delivery/device-calls.js';
import { DeviceCallsDifferError } from '../../lib/kernel/delivery/errors.js';
import { parseDeviceKRef } from '../../lib/types/ids.js';
import { sourceOf, startLife } from '../support/swingset.js';
import { makeReaper } from '../workers/support/reaper.js';

describe('device calls of a crank whose worker died', () => {
  const source = (name: string) => ({ sourceSpec: sourceOf(import.meta.url, `vats/${name}.js`) });

  const start = async () => {
    const { spawn, kill } = makeReaper('customer');
    const payments: number[] = [];
    /** How many payments it takes until the worker is killed, in the midst of the last of them. */
    let fatal = Infinity;
    const pay = (amount: number) => {
      payments.push(amount);
      fatal -= 1;
      if (fatal === 0) void kill(0);
    };
    const life = await startLife({
      worker: 'xsnap',
      spawn,
      platformEpoch: 1,
      config: {
        bootstrap: 'customer',
        pinBootstrapRoot: true,
        vats: { customer: source('vat-customer') },
        devices: { till: source('till-device') },
      },
      deviceEndowments: { till: { pay } },
    });
    await life.run();
    const killAt = (nth: number) => {
      fatal = nth;
    };
    return { life, payments, killAt };
  };

  it('reach the host once, and leave what a crank leaves in which nothing died', async () => {
    const [killed, undisturbed] = [await start(), await start()];
    killed.killAt(2);
    for (const { life, payments } of [killed, undisturbed]) {
      expect(await life.call('customer', 'pay', [1, 2, 3])).to.deep.equal([1, 3, 6]);
      expect(payments).to.deep.equal([1, 2, 3]);
      expect(await life.call('customer', 'seen')).to.deep.equal([1, 2, 3, 6]);
    }
    const hashOf = ({ life }: typeof killed) => life.controller.getActivityhash();
    expect(hashOf(killed)).to.equal(hashOf(undisturbed));

    // In a restart, too.
    killed.killAt(1);
    for (const { life, payments } of [killed, undisturbed]) {
      payments.length = 0;
      await life.reboot({ platformEpoch: 2 });
      expect(payments).to.deep.equal([100]);
      expect(await life.call('customer', 'seen')).to.deep.equal([106]);
    }
    expect(hashOf(killed)).to.equal(hashOf(undisturbed));
  });

  describe('that differ from those of the first try', () => {
    const target = parseDeviceKRef('kd30');
    const args = { body: '#[]', slots: [] };
    const make = () => {
      const calls = new DeviceCalls();
      const effects: string[] = [];
      const call = (method: string) =>
        calls.result(
          { target, method, args },
          () => {
            calls.note(() => void effects.push(method));
            return ['ok', args];
          },
          effect => effect(),
        );
      call('a');
      calls.rewind();
      return { calls, call, effects };
    };

    it('stop the kernel', () => {
      const { call } = make();
      expect(() => call('b'))
        .to.throw(DeviceCallsDifferError)
        .that.includes({ code: 'DEVICE_CALLS_DIFFER' });
    });

    it('stop it also where one is missing', () => {
      const { calls, call, effects } = make();
      expect(() => calls.insistRepeated()).to.throw(DeviceCallsDifferError);
      expect(call('a')).to.deep.equal(['ok', args]);
      expect(effects).to.deep.equal(['a', 'a']);
      calls.insistRepeated();
    });
  });
});
