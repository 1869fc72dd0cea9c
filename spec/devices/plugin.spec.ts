/** The plugin device: a vat's messages reach a host module over CapTP, and the answers come back. */
import { Far } from '@endo/far';
import { expect } from 'chai';
import { buildPlugin, type PluginDevice } from '../../lib/devices/plugin/plugin.js';
import type { DeviceRuntime } from '../../lib/devices/types.js';
import type { Bundle } from '../../lib/store/types.js';
import {
  call,
  data,
  failed,
  makeDeviceLife,
  ok,
  start,
  type DeviceLife,
} from './device-harness.js';
import { bundleOf } from '../support/shared-bundles.js';

interface PluginPowers {
  readonly getState: () => unknown;
  readonly setState: (state: unknown) => void;
}

describe('plugin', () => {
  let bundle: Bundle;
  let life: DeviceLife;
  let plugin: PluginDevice;
  let device: DeviceRuntime;
  let imported: string[];
  /** Settles when the plugin wants to say something next. */
  let thunk: () => Promise<() => void>;

  const bootPlugin = ({ getState, setState }: PluginPowers): object =>
    Far('plugin', {
      start: (by: unknown) => {
        setState(harden([...((getState() as unknown[] | undefined) ?? []), by]));
        return getState();
      },
    });

  const reboot = async (): Promise<void> => {
    const thunks: (() => void)[] = [];
    const wanted: ((thunk: () => void) => void)[] = [];
    imported = [];
    plugin = buildPlugin(
      '/plugins',
      async module => {
        imported.push(module);
        if (module !== 'good.js') throw Error('no such module');
        return { bootPlugin };
      },
      given => {
        const want = wanted.shift();
        if (want) want(given);
        else thunks.push(given);
      },
    );
    thunk = () =>
      new Promise(resolve => {
        const waiting = thunks.shift();
        if (waiting) resolve(waiting);
        else wanted.push(resolve);
      });
    device = await start(life, bundle, { endowments: plugin.endowments });
  };

  before(async () => {
    bundle = await bundleOf(
      buildPlugin(
        '/',
        async () => ({}),
        () => undefined,
      ).srcPath,
    );
  });
  beforeEach(async () => {
    life = makeDeviceLife();
    await reboot();
    call(device, 'registerReceiver', data(['$0.Alleged: receiver'], 'o-10'));
  });

  const bootstrapCall = (epoch: number): unknown => ({
    type: 'CTP_BOOTSTRAP',
    epoch,
    questionID: 'q-1',
  });
  const startCall = (epoch: number, by: string): unknown => ({
    type: 'CTP_CALL',
    epoch,
    questionID: 'q-2',
    target: 'q-1',
    method: { body: JSON.stringify(['start', [by]]), slots: [] },
  });
  /** Lets the plugin speak once; gives what the receiver is sent. */
  const nextWord = async (): Promise<unknown> => {
    (await thunk())();
    return life.sent.at(-1);
  };
  /** What the plugin answers to `start(by)` on a fresh connection. */
  const startPlugin = async (index: number, epoch: number, by: string): Promise<unknown> => {
    call(device, 'send', data([index, bootstrapCall(epoch)]));
    await nextWord();
    call(device, 'send', data([index, startCall(epoch, by)]));
    return nextWord();
  };
  const answered = (index: number, epoch: number, body: unknown): unknown => [
    'o-10',
    data([
      'dispatch',
      [
        index,
        {
          answerID: 'q-2',
          epoch,
          result: { body: JSON.stringify(body), slots: [] },
          type: 'CTP_RETURN',
        },
      ],
    ]),
  ];

  it('tells where plugins are', () => {
    expect(call(device, 'getPluginDir')).to.deep.equal(ok('/plugins'));
  });

  it('carries calls to the module and answers to the receiver, when the host lets it', async () => {
    expect(call(device, 'connect', data(['good.js']))).to.deep.equal(ok(0));
    expect(await startPlugin(0, 0, 'me')).to.deep.equal(answered(0, 0, ['me']));
    expect(imported).to.deep.equal(['good.js']);
  });

  it('connects again after a restart, in the next epoch, with the plugin’s saved state', async () => {
    call(device, 'connect', data(['good.js']));
    await startPlugin(0, 0, 'me');
    await reboot();
    plugin.reset();
    expect(life.sent.at(-1)).to.deep.equal(['o-10', data(['reset', [0, 1]])]);
    expect(await startPlugin(0, 1, 'again')).to.deep.equal(answered(0, 1, ['me', 'again']));
  });

  it('refuses to send on a connection that was never made', () => {
    for (const index of [3, -1, 0.5, 'length', null]) {
      expect(call(device, 'send', data([index, bootstrapCall(0)]))).to.deep.equal(failed);
    }
  });

  it('refuses a receiver that is no object of a vat', () => {
    for (const receiver of [null, [], { a: 1 }]) {
      expect(call(device, 'registerReceiver', data([receiver]))).to.deep.equal(failed);
    }
  });

  it('goes on after a malformed message', async () => {
    call(device, 'connect', data(['good.js']));
    // Unhandled, the failure would end the process.
    for (const message of [null, 5, {}, { type: 'CTP_CALL' }]) {
      expect(call(device, 'send', data([0, message]))).to.deep.equal(ok('#undefined'));
    }
    expect(await startPlugin(0, 0, 'me')).to.deep.equal(answered(0, 0, ['me']));
  });

  it('lives on when a module can not be loaded', async () => {
    expect(call(device, 'connect', data(['bad.js']))).to.deep.equal(ok(0));
    expect(call(device, 'send', data([0, bootstrapCall(0)]))).to.deep.equal(ok('#undefined'));
    expect(call(device, 'connect', data(['good.js']))).to.deep.equal(ok(1));
    expect(await startPlugin(1, 0, 'me')).to.deep.equal(answered(1, 0, ['me']));
  });
});
