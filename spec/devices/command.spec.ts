/** The command device with its host's half. */
import { expect } from 'chai';
import { buildCommand, type CommandDevice } from '../../lib/devices/command/command.js';
import { DeviceInputError } from '../../lib/devices/errors.js';
import type { DeviceRuntime } from '../../lib/devices/types.js';
import type { Bundle } from '../../lib/store/types.js';
import { call, data, makeDeviceLife, ok, start, type DeviceLife } from './device-harness.js';
import { bundleOf } from '../support/shared-bundles.js';
import { failureOf } from '../support/failure.js';

describe('command', () => {
  let bundle: Bundle;
  let command: CommandDevice;
  let life: DeviceLife;
  let device: DeviceRuntime;
  let broadcasts: unknown[];

  before(async () => {
    bundle = await bundleOf(buildCommand(() => undefined).srcPath);
  });
  beforeEach(async () => {
    broadcasts = [];
    command = buildCommand(body => void broadcasts.push(body));
    life = makeDeviceLife();
    device = await start(life, bundle, { endowments: command.endowments });
    call(device, 'registerInboundHandler', data(['$0.Alleged: h'], 'o-10'));
  });

  it('numbers requests and settles each with its answer', async () => {
    const first = command.inboundCommand({ q: 1 });
    const second = command.inboundCommand('two');
    expect(life.sent).to.deep.equal([
      ['o-10', data(['inbound', ['+0', { q: 1 }]])],
      ['o-10', data(['inbound', ['+1', 'two']])],
    ]);
    call(device, 'sendResponse', data(['+1', false, { answer: 2 }]));
    call(device, 'sendResponse', data([0, true, { problem: 1 }]));
    expect(await second).to.deep.equal({ answer: 2 });
    expect(await first.catch((reason: unknown) => ['rejected', reason])).to.deep.equal([
      'rejected',
      { problem: 1 },
    ]);
  });

  it('ignores answers to requests of an earlier process, or given twice', async () => {
    const request = command.inboundCommand({});
    for (const answer of [1, 2]) {
      expect(call(device, 'sendResponse', data([0, false, answer]))).to.deep.equal(
        ok('#undefined'),
      );
    }
    expect(call(device, 'sendResponse', data([44, false, 3]))).to.deep.equal(ok('#undefined'));
    expect(await request).to.equal(1);
  });

  it('goes on counting in the next process, so that a late answer finds nobody', async () => {
    const settled: unknown[] = [];
    const note = (answer: unknown) => void settled.push(answer);
    command.inboundCommand('of alice').then(note, note);
    const next = buildCommand(() => undefined);
    device = await start(life, bundle, { endowments: next.endowments });
    const request = next.inboundCommand('of bob');
    expect(life.sent.at(-1)).to.deep.equal(['o-10', data(['inbound', ['+1', 'of bob']])]);
    call(device, 'sendResponse', data(['+0', false, 'for alice']));
    call(device, 'sendResponse', data(['+1', false, 'for bob']));
    expect(await request).to.equal('for bob');
    expect(settled).to.deep.equal([]);
  });

  it("counts by the clock for SwingSet's device, which keeps no numbers", () => {
    const counts: bigint[] = [];
    for (const each of [buildCommand(() => undefined), buildCommand(() => undefined)]) {
      each.endowments.registerInboundCallback(count => void counts.push(count));
      void each.inboundCommand({});
      void each.inboundCommand({});
    }
    const [first = 0n, second] = counts;
    expect(first > BigInt(Date.parse('2026-01-01')) * 1000n).to.equal(true);
    expect(second).to.equal(first + 1n);
  });

  it('broadcasts JSON to the host', () => {
    call(device, 'sendBroadcast', data([{ all: [1] }]));
    expect(broadcasts).to.deep.equal([{ all: [1] }]);
  });

  it('does not fail a vat for what the host does with its words, as in SwingSet', async () => {
    const deaf = buildCommand(() => {
      throw Error('nobody listens');
    });
    const own = makeDeviceLife();
    const node = await start(own, bundle, { endowments: deaf.endowments });
    for (const [method, args] of [
      ['sendBroadcast', [{ all: 1 }]],
      ['sendResponse', ['no number', false, 1]],
    ] as const) {
      expect(call(node, method, data(args))).to.deep.equal(ok('#undefined'));
    }
    expect(own.reports.map(([text]) => text)).to.deep.equal([
      'command device: sendBroadcast failed',
      'command device: sendResponse failed',
    ]);
  });

  it('needs a callback, as in SwingSet', () => {
    const build = buildCommand as unknown as () => unknown;
    expect(build).to.throw().with.property('code', 'BAD_OPTION');
  });

  it('takes the handler that registered last', async () => {
    call(device, 'registerInboundHandler', data(['$0.Alleged: h2'], 'o-11'));
    await start(life, bundle, { endowments: command.endowments });
    command.inboundCommand(1).catch(() => undefined);
    expect(life.sent.map(([target]) => target)).to.deep.equal(['o-11']);
  });

  it('rejects a request that nobody takes', async () => {
    const deaf = buildCommand(() => undefined);
    expect(() => deaf.inboundCommand({})).to.throw(DeviceInputError);
    await start(makeDeviceLife(), bundle, { endowments: deaf.endowments });
    const outcome = await failureOf(deaf.inboundCommand({}));
    expect(outcome).to.be.instanceOf(DeviceInputError);
  });
});
