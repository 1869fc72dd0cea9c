/** How devices start, and raw devices. */
import { Far } from '@endo/far';
import { expect } from 'chai';
import { KernelStateError } from '../../lib/errors.js';
import { DeviceStartError } from '../../lib/devices/errors.js';
import { bundleDeviceSrcPath } from '../../lib/devices/bundle/bundle.js';
import type { VRef } from '../../lib/types/ids.js';
import type { RawDeviceTools } from '../../lib/devices/raw-device.js';
import {
  asBundle,
  call,
  data,
  failed,
  makeDeviceLife,
  ok,
  start,
  type Data,
} from './device-harness.js';
import { bundleOf } from '../support/shared-bundles.js';
import { failureOf } from '../support/failure.js';

const startError = async (exports: Record<string, unknown>): Promise<DeviceStartError> => {
  const outcome = await failureOf(start(makeDeviceLife(), asBundle(exports)));
  expect(outcome).to.be.instanceOf(DeviceStartError);
  return outcome as DeviceStartError;
};

describe('startDevice', () => {
  it('runs the code of a bundle in a compartment of its own', async () => {
    const life = makeDeviceLife({ hasBundle: () => data(false) });
    const device = await start(life, await bundleOf(bundleDeviceSrcPath), { name: 'bundle' });
    const bundleID = `b1-${'0'.repeat(128)}`;
    expect(call(device, 'getBundleCap', data([bundleID]))).to.deep.equal(ok('#undefined'));
  });

  it('has the vatAdmin device built in, whatever bundle the store has', async () => {
    const bundle = asBundle({ buildRootDeviceNode: () => Far('wrong', {}) });
    const life = makeDeviceLife({ createUnlimitedMeter: () => data('m1') });
    for (const given of [undefined, bundle]) {
      const device = await start(life, given, { name: 'vatAdmin' });
      expect(call(device, 'createUnlimitedMeter')).to.deep.equal(ok('m1'));
    }
  });

  it('refuses a device without code', async () => {
    const outcome = await failureOf(start(makeDeviceLife(), undefined));
    expect(outcome).to.be.instanceOf(DeviceStartError);
  });

  it('refuses a bundle that can not be imported, and says why', async () => {
    const bundle = { moduleFormat: 'endoZipBase64', endoZipBase64: 'broken' };
    const outcome = await failureOf(start(makeDeviceLife(), bundle));
    expect(outcome).to.be.instanceOf(DeviceStartError);
    expect((outcome as DeviceStartError).cause).to.be.instanceOf(Error);
  });

  it('refuses a module without one of the entry points', async () => {
    expect((await startError({ buildRootObject: () => 1 })).message).to.contain('must export');
  });

  it('refuses code that throws as it starts', async () => {
    const cause = Error('no luck');
    const error = await startError({
      buildRootDeviceNode: () => {
        throw cause;
      },
    });
    expect(error.cause).to.equal(cause);
  });

  it('lets a damaged kernel table through: that is not the device’s fault', async () => {
    const life = makeDeviceLife({
      look: () => {
        throw new KernelStateError('damaged');
      },
    });
    const buildDevice = ({ syscall }: RawDeviceTools): object =>
      harden({ invoke: () => ['ok', syscall.callKernelHook('look', data([]))] });
    const device = await start(life, asBundle({ buildDevice }));
    expect(() => call(device, 'look')).to.throw(KernelStateError);
  });
});

describe('raw devices', () => {
  const startRaw = async (invoke: (...args: unknown[]) => unknown, life = makeDeviceLife()) =>
    start(life, asBundle({ buildDevice: () => harden({ invoke }) }));

  it('get the call as it is and answer for themselves', async () => {
    const device = await startRaw((target, method, args) => ['ok', data([target, method, args])]);
    expect(call(device, 'look', data(['$0'], 'o-10'), 'd+7')).to.deep.equal(
      ok(['d+7', 'look', data(['$0'], 'o-10')]),
    );
  });

  it('reach vatstore, queue and hooks', async () => {
    const life = makeDeviceLife({ ask: (args: Data) => data(['answer', args.body]) });
    const buildDevice = ({ syscall }: RawDeviceTools): object =>
      harden({
        invoke: (target: VRef, method: string, args: Data) => {
          syscall.vatstoreSet('last', method);
          syscall.sendOnly(args.slots[0] ?? target, data(['hello', []]));
          return ['ok', syscall.callKernelHook('ask', args)];
        },
      });
    const device = await start(life, asBundle({ buildDevice }));
    expect(call(device, 'look', data(['$0'], 'o-10'))).to.deep.equal(ok(['answer', '#["$0"]']));
    expect([...life.vatstore]).to.deep.equal([['last', 'look']]);
    expect(life.sent).to.deep.equal([['o-10', data(['hello', []])]]);
  });

  it('may say why they refuse', async () => {
    const device = await startRaw(() => ['error', 'not today']);
    expect(call(device, 'look')).to.deep.equal(['error', 'not today']);
  });

  it('fail the call when they throw or answer with anything else', async () => {
    const answers = ['garbage', data(3), ['error', data(3)], ['ok', 'text'], ['ok'], undefined];
    const throwing = (): never => {
      throw Error('raw boom');
    };
    for (const invoke of [throwing, ...answers.map(answer => () => answer)]) {
      expect(call(await startRaw(invoke), 'look')).to.deep.equal(failed);
    }
  });

  it('do not start without invoke()', async () => {
    expect((await startError({ buildDevice: () => harden({}) })).message).to.contain('invoke');
  });
});
