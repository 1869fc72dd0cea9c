/** The bridge device with its host's half. */
import { expect } from 'chai';
import { buildBridge, type BridgeDevice } from '../../lib/devices/bridge/bridge.js';
import { DeviceInputError } from '../../lib/devices/errors.js';
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

describe('bridge', () => {
  let bundle: Bundle;
  let bridge: BridgeDevice;
  let life: DeviceLife;
  let device: DeviceRuntime;
  let calls: unknown[][];
  let answer: () => unknown;

  before(async () => {
    bundle = await bundleOf(buildBridge().srcPath);
  });
  beforeEach(async () => {
    calls = [];
    answer = () => undefined;
    bridge = buildBridge((...args) => {
      calls.push(args);
      return answer();
    });
    life = makeDeviceLife();
    device = await start(life, bundle, { endowments: bridge.endowments });
  });

  const register = (): unknown =>
    call(device, 'registerInboundHandler', data(['$0.Alleged: h'], 'o-10'));

  it('takes only an object of a vat as its handler', () => {
    for (const handler of [null, '#undefined', [], { inbound: 1 }]) {
      const answered = call(device, 'registerInboundHandler', data([handler]));
      expect(answered).to.deep.equal(handler === '#undefined' ? ok('#undefined') : failed);
    }
    expect(register()).to.deep.equal(ok('#undefined'));
    bridge.deliverInbound('hello');
    expect(life.sent).to.deep.equal([['o-10', data(['inbound', ['hello']])]]);
  });

  it('calls the host with JSON data', () => {
    call(device, 'callOutbound', data(['dst', { list: [1, '+3'] }, '#undefined']));
    expect(calls).to.deep.equal([['dst', { list: [1, '3'] }, null]]);
  });

  it('answers with what JSON can say of the host’s answer', () => {
    const answers: [given: unknown, seen: unknown][] = [
      [undefined, '#undefined'],
      [null, null],
      ['text', 'text'],
      [{ a: { b: [1, undefined] }, skipped: undefined }, { a: { b: [1, null] } }],
      [new Date(0), '1970-01-01T00:00:00.000Z'],
      [TypeError('no such port'), 'TypeError: no such port'],
      [{ error: Error('inside') }, { error: {} }],
    ];
    for (const [given, seen] of answers) {
      answer = () => given;
      expect(call(device, 'callOutbound')).to.deep.equal(ok(seen));
    }
  });

  it('fails the call when the host throws or answers beyond JSON', () => {
    const throwing = (): never => {
      throw Error('host trouble');
    };
    for (const bad of [throwing, () => 5n, () => () => 1]) {
      answer = bad;
      expect(call(device, 'callOutbound')).to.deep.equal(failed);
    }
  });

  it('delivers inbound JSON to the registered handler, also after a restart', async () => {
    register();
    bridge.deliverInbound('src', { a: [1, 'x'], b: undefined }, undefined);
    const again = buildBridge();
    await start(life, bundle, { endowments: again.endowments });
    again.deliverInbound('second life');
    expect(life.sent).to.deep.equal([
      ['o-10', data(['inbound', ['src', { a: [1, 'x'] }, null]])],
      ['o-10', data(['inbound', ['second life']])],
    ]);
  });

  it('refuses inbound data that nobody takes or that JSON can’t say', () => {
    expect(() => bridge.deliverInbound('early')).to.throw(DeviceInputError);
    register();
    expect(() => bridge.deliverInbound(3n)).to.throw(DeviceInputError);
    call(device, 'unregisterInboundHandler');
    expect(() => bridge.deliverInbound('late')).to.throw(DeviceInputError);
    expect(() => buildBridge().deliverInbound('no controller')).to.throw(DeviceInputError);
    expect(life.sent).to.deep.equal([]);
  });

  it('has one handler at a time', () => {
    expect(register()).to.deep.equal(ok('#undefined'));
    expect(register()).to.deep.equal(failed);
  });
});
