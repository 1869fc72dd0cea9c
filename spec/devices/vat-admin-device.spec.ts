/** The vatAdmin device and bundlecaps: which call reaches which kernel hook, and what is kept. */
import { kser, kunser } from '@agoric/kmarshal';
import { expect } from 'chai';
import { bundleDeviceSrcPath } from '../../lib/devices/bundle/bundle.js';
import type { DeviceRuntime } from '../../lib/devices/types.js';
import {
  call,
  data,
  failed,
  makeDeviceLife,
  ok,
  start,
  type Data,
  type DeviceLife,
} from './device-harness.js';
import { bundleOf } from '../support/shared-bundles.js';

const counterID = `b1-${'c'.repeat(128)}`;
const otherID = `b1-${'0'.repeat(128)}`;
const counterBundle = { moduleFormat: 'endoZipBase64', endoZipBase64: '-' };

const bundleHooks = {
  getNamedBundleID: (args: Data) =>
    data((kunser(args as never) as string[])[0] === 'counter' ? counterID : '#undefined'),
  hasBundle: (args: Data) => data((kunser(args as never) as string[])[0] === counterID),
  getBundle: (args: Data) => {
    expect(args).to.deep.equal(data([counterID]));
    return kser(counterBundle) as never;
  },
};

/** What both the vatAdmin and the bundle device do. */
const describeBundlecaps = (startDevice: (life: DeviceLife) => Promise<DeviceRuntime>): void => {
  it('are nodes that are the same for the same bundle, however it was asked for', async () => {
    const device = await startDevice(makeDeviceLife(bundleHooks));
    const cap = ok('$0.Alleged: device node', 'd+1');
    expect(call(device, 'getNamedBundleCap', data(['counter']))).to.deep.equal(cap);
    expect(call(device, 'getBundleCap', data([counterID]))).to.deep.equal(cap);
  });

  it('are undefined for a bundle that is not installed', async () => {
    const device = await startDevice(makeDeviceLife(bundleHooks));
    expect(call(device, 'getBundleCap', data([otherID]))).to.deep.equal(ok('#undefined'));
  });

  it('give their bundleID and their bundle, also after a restart', async () => {
    const life = makeDeviceLife(bundleHooks);
    {
      const device = await startDevice(life);
      call(device, 'getNamedBundleCap', data(['counter']));
    }
    {
      const device = await startDevice(life);
      expect(call(device, 'getBundleID', data([]), 'd+1')).to.deep.equal(ok(counterID));
      expect(call(device, 'getBundle', data([]), 'd+1')).to.deep.equal(['ok', kser(counterBundle)]);
    }
  });

  it('are kept in the keys that SwingSet uses', async () => {
    const life = makeDeviceLife(bundleHooks);
    call(await startDevice(life), 'getBundleCap', data([counterID]));
    expect(Object.fromEntries(life.vatstore)).to.deep.equal({
      nextDev: '2',
      [`id.${counterID}`]: 'd+1',
      'slot.d+1': counterID,
    });
  });

  it('have a name’s bundleID', async () => {
    const device = await startDevice(makeDeviceLife(bundleHooks));
    expect(call(device, 'getBundleIDByName', data(['counter']))).to.deep.equal(ok(counterID));
  });

  const refused: [method: string, args: Data, target?: string][] = [
    ['getNamedBundleCap', data(['nobody'])],
    ['getBundleIDByName', data(['nobody'])],
    ['getBundleCap', data(['b1-00'])],
    ['getBundleCap', data([7])],
    ['getBundleID', data([]), 'd+5'],
    ['getSource', data([]), 'd+0'],
  ];
  for (const [method, args, target = 'd+0'] of refused) {
    it(`refuse ${method}${args.body} of ${target}`, async () => {
      const life = makeDeviceLife(bundleHooks);
      expect(call(await startDevice(life), method, args, target)).to.deep.equal(failed);
      expect(life.vatstore).to.have.lengthOf(0);
    });
  }
};

const startVatAdmin = (life: DeviceLife): Promise<DeviceRuntime> =>
  start(life, undefined, { name: 'vatAdmin' });

describe('bundlecaps of the vatAdmin device', () => {
  describeBundlecaps(startVatAdmin);
});

describe('bundlecaps of the bundle device', () => {
  const bundle = bundleOf(bundleDeviceSrcPath);
  describeBundlecaps(async life => start(life, await bundle, { name: 'bundle' }));
});

describe('the vatAdmin device', () => {
  const forwarded: [method: string, hook: string, args: Data, answer: Data][] = [
    [
      'createByBundleID',
      'createVat',
      data([counterID, { critical: false, vatParameters: { x: '$0.Alleged: x' } }], 'o-10'),
      data('v7'),
    ],
    ['terminateWithFailure', 'terminateVat', data(['v7', { '#error': 'boo' }]), data('#undefined')],
    ['upgradeVat', 'upgradeVat', data(['v7', counterID, '#undefined', 'why']), data('up1')],
    ['changeOptions', 'changeOptions', data(['v7', { reapInterval: 7 }]), data('#undefined')],
    ['createMeter', 'createMeter', data(['+100', '+10']), data('m1')],
    ['createUnlimitedMeter', 'createUnlimitedMeter', data([]), data('m2')],
    ['addMeterRemaining', 'addMeterRemaining', data(['m1', '+5']), data('#undefined')],
    ['setMeterThreshold', 'setMeterThreshold', data(['m1', '+5']), data('#undefined')],
    ['getMeter', 'getMeter', data(['m1']), data({ remaining: '+105', threshold: '+5' })],
    ['hasVat', 'hasVat', data(['v7']), data(true)],
    ['restartVat', 'restartVat', data(['v7', 'msg', { a: 1 }]), data('up2')],
    ['suspendVat', 'suspendVat', data(['v7']), data('#undefined')],
    ['resumeVat', 'resumeVat', data(['v7']), data('#undefined')],
    ['pauseVat', 'pauseVat', data(['v7']), data('#undefined')],
    ['unpauseVat', 'unpauseVat', data(['v7']), data('#undefined')],
  ];
  for (const [method, hook, args, answer] of forwarded) {
    it(`passes ${method} on to the hook ${hook} as it is`, async () => {
      const seen: Data[] = [];
      const life = makeDeviceLife({
        [hook]: given => {
          seen.push(given);
          return answer;
        },
      });
      expect(call(await startVatAdmin(life), method, args)).to.deep.equal(['ok', answer]);
      expect(seen).to.deep.equal([args]);
    });
  }

  it('installs an inline bundle and makes the vat of it', async () => {
    const seen: [string, Data][] = [];
    const life = makeDeviceLife({
      installBundle: args => {
        seen.push(['installBundle', args]);
        return data(counterID);
      },
      createVat: args => {
        seen.push(['createVat', args]);
        return data('v7');
      },
    });
    const args = data([{ moduleFormat: 'x' }, { critical: false, vatParameters: '$0' }], 'o-10');
    expect(call(await startVatAdmin(life), 'createByBundle', args)).to.deep.equal(ok('v7'));
    expect(seen).to.deep.equal([
      ['installBundle', data([{ moduleFormat: 'x' }])],
      [
        'createVat',
        data([counterID, { critical: false, vatParameters: '$0.Alleged: undefined' }], 'o-10'),
      ],
    ]);
  });

  it('fails the call when the kernel refuses', async () => {
    const life = makeDeviceLife({
      createMeter: () => {
        throw Error('expected bigints');
      },
    });
    expect(call(await startVatAdmin(life), 'createMeter', data([1, 10]))).to.deep.equal(failed);
  });

  it('gives nobody but the root node’s holder the kernel’s functions', async () => {
    const life = makeDeviceLife({ ...bundleHooks, terminateVat: () => data('#undefined') });
    const device = await startVatAdmin(life);
    call(device, 'getBundleCap', data([counterID]));
    expect(call(device, 'terminateWithFailure', data(['v7', 'no']), 'd+1')).to.deep.equal(failed);
  });
});
