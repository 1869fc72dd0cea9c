/** The loopbox device with its host's half. */
import { expect } from 'chai';
import { buildLoopbox, type LoopboxDevice } from '../../lib/devices/loopbox/loopbox.js';
import { BadOptionError } from '../../lib/errors.js';
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

describe('loopbox', () => {
  let bundle: Bundle;
  let life: DeviceLife;

  before(async () => {
    bundle = await bundleOf(buildLoopbox('immediate').loopboxSrcPath);
  });
  beforeEach(() => {
    life = makeDeviceLife();
  });

  const startWith = ({ loopboxEndowments }: LoopboxDevice): Promise<DeviceRuntime> =>
    start(life, bundle, {
      endowments: loopboxEndowments,
      deviceParameters: { senders: ['alice', 'bob'] },
    });
  const register = (device: DeviceRuntime, peer: string, slot: string): unknown =>
    call(device, 'registerInboundHandler', data([peer, '$0.Alleged: h'], slot));
  const messageTo = (slot: string, sender: string, count: number, body: string): unknown => [
    slot,
    data(['deliverInboundMessages', [sender, [[count, body]]]]),
  ];

  it('delivers at once what a sender adds for a peer', async () => {
    const device = await startWith(buildLoopbox('immediate'));
    register(device, 'bob', 'o-10');
    expect(call(device, 'getSender', data(['alice']))).to.deep.equal(
      ok('$0.Alleged: loopboxSender', 'd+1'),
    );
    call(device, 'add', data(['bob', 1, 'one']), 'd+1');
    call(device, 'add', data(['bob', 2, 'two']), 'd+1');
    expect(life.sent).to.deep.equal([
      messageTo('o-10', 'alice', 1, 'one'),
      messageTo('o-10', 'alice', 2, 'two'),
    ]);
  });

  it('keeps queued messages and sender nodes over a restart', async () => {
    {
      const loopbox = buildLoopbox('queued');
      const device = await startWith(loopbox);
      register(device, 'bob', 'o-10');
      call(device, 'getSender', data(['alice']));
      call(device, 'add', data(['bob', 1, 'one']), 'd+1');
      call(device, 'add', data(['bob', 2, 'two']), 'd+1');
      expect(life.sent).to.deep.equal([]);
      expect(loopbox.passOneMessage()).to.equal(true);
    }
    {
      const loopbox = buildLoopbox('queued');
      const device = await startWith(loopbox);
      call(device, 'add', data(['bob', 3, 'three']), 'd+1');
      expect([1, 2, 3].map(() => loopbox.passOneMessage())).to.deep.equal([true, true, false]);
    }
    expect(life.sent).to.deep.equal([
      messageTo('o-10', 'alice', 1, 'one'),
      messageTo('o-10', 'alice', 2, 'two'),
      messageTo('o-10', 'alice', 3, 'three'),
    ]);
  });

  it('refuses a message to a peer that has not registered, and a second handler', async () => {
    const device = await startWith(buildLoopbox('immediate'));
    call(device, 'getSender', data(['alice']));
    expect(call(device, 'add', data(['bob', 1, 'early']), 'd+1')).to.deep.equal(failed);
    register(device, 'bob', 'o-10');
    expect(register(device, 'bob', 'o-11')).to.deep.equal(failed);
    expect(life.sent).to.deep.equal([]);
  });

  it('knows its senders only', async () => {
    const device = await startWith(buildLoopbox('immediate'));
    expect(call(device, 'getSender', data(['zoe']))).to.deep.equal(ok('#undefined'));
  });

  it('has two modes', () => {
    expect(() => buildLoopbox('later' as never)).to.throw(BadOptionError);
    expect(buildLoopbox('queued').passOneMessage()).to.equal(false);
  });
});
