/** Devices made of objects: what vats get to see of them, and what they can do. */
import { Far } from '@endo/far';
import { expect } from 'chai';
import type { DeviceTools } from '../../lib/devices/device-slots.js';
import { DeviceStartError } from '../../lib/devices/errors.js';
import type { DeviceRuntime } from '../../lib/devices/types.js';
import {
  asBundle,
  call,
  data,
  failed,
  makeDeviceLife,
  ok,
  start,
  type DeviceLife,
  type StartOptions,
} from './device-harness.js';
import { failureOf } from '../support/failure.js';

const startWith = (
  build: (tools: DeviceTools) => object,
  life: DeviceLife = makeDeviceLife(),
  options: StartOptions = {},
): Promise<DeviceRuntime> => start(life, asBundle({ buildRootDeviceNode: build }), options);

describe('object devices', () => {
  it('answer a call with what the method returns, in smallcaps', async () => {
    const device = await startWith(() =>
      Far('root', { add: (a: bigint, b: bigint) => ({ sum: a + b, none: undefined }) }),
    );
    expect(call(device, 'add', data(['+2', '+3']))).to.deep.equal(
      ok({ none: '#undefined', sum: '+5' }),
    );
  });

  it('understand arguments in the older capdata encoding as well', async () => {
    const device = await startWith(() => Far('root', { twice: (x: bigint) => x * 2n }));
    const args = { body: '[{"@qclass":"bigint","digits":"21"}]', slots: [] };
    expect(call(device, 'twice', args)).to.deep.equal(ok('+42'));
  });

  it('know a vat object again, and give it back under its own reference', async () => {
    const device = await startWith(() =>
      Far('root', { echo: (x: unknown) => x, same: (x: unknown, y: unknown) => x === y }),
    );
    const args = data(['$0.Alleged: thing'], 'o-10');
    expect(call(device, 'echo', args)).to.deep.equal(ok('$0.Alleged: thing', 'o-10'));
    expect(call(device, 'same', data(['$0', '$1'], 'o-10', 'o-10'))).to.deep.equal(ok(true));
    expect(call(device, 'same', data(['$0', '$1'], 'o-10', 'o-11'))).to.deep.equal(ok(false));
  });

  it('hand out further nodes, which vats call and can send back', async () => {
    const kid = Far('kid', { hi: () => 'hi' });
    const device = await startWith(() =>
      Far('root', { kid: () => kid, isKid: (x: unknown) => x === kid }),
    );
    expect(call(device, 'kid')).to.deep.equal(ok('$0.Alleged: kid', 'd+1'));
    expect(call(device, 'kid')).to.deep.equal(ok('$0.Alleged: kid', 'd+1'));
    expect(call(device, 'hi', data([]), 'd+1')).to.deep.equal(ok('hi'));
    expect(call(device, 'isKid', data(['$0.Alleged: kid'], 'd+1'))).to.deep.equal(ok(true));
  });

  it('queue messages to vat objects without waiting for an answer', async () => {
    const life = makeDeviceLife();
    const device = await startWith(
      ({ SO }) =>
        Far('root', {
          greet: (target: object) => {
            SO(target).hello('there', 3n, target);
          },
        }),
      life,
    );
    expect(call(device, 'greet', data(['$0.Alleged: v'], 'o-10'))).to.deep.equal(ok('#undefined'));
    expect(life.sent).to.deep.equal([
      ['o-10', data(['hello', ['there', '+3', '$0.Alleged: v']], 'o-10')],
    ]);
  });

  it('get their parameters, endowments and the test log', async () => {
    const life = makeDeviceLife();
    await startWith(
      ({ endowments, deviceParameters, testLog }) => {
        testLog(endowments, deviceParameters);
        return Far('root', {});
      },
      life,
      { endowments: { host: 1 }, deviceParameters: { size: 2 } },
    );
    expect(life.testLog).to.deep.equal([[{ host: 1 }, { size: 2 }]]);
  });

  it('leave what the host endows unfrozen', async () => {
    const endowments = { log: [] as string[] };
    const build = (): object =>
      Far('root', { note: (text: string) => void endowments.log.push(text) });
    const device = await startWith(build, makeDeviceLife(), { endowments });
    call(device, 'note', data(['written']));
    expect(endowments.log).to.deep.equal(['written']);
  });

  it('marshal with serialize() as their answers are marshalled', async () => {
    const device = await startWith(({ serialize }) => {
      const kid = Far('kid', {});
      return Far('root', { body: () => serialize(harden({ kid, big: 4n })) });
    });
    expect(call(device, 'body')).to.deep.equal(
      ok({ body: '!#{"big":"+4","kid":"$0.Alleged: kid"}', slots: ['d+1'] }),
    );
  });

  describe('state', () => {
    const counter = ({ getDeviceState, setDeviceState }: DeviceTools): object =>
      Far('root', {
        get: () => getDeviceState(),
        set: (value: unknown) => setDeviceState(value),
      });

    it('is undefined before anything was saved', async () => {
      expect(call(await startWith(counter), 'get')).to.deep.equal(ok('#undefined'));
    });

    it('survives the process, with its references', async () => {
      const life = makeDeviceLife();
      {
        const device = await startWith(counter, life);
        call(device, 'set', data([{ handler: '$0.Alleged: h', n: '+1' }], 'o-10'));
      }
      {
        const device = await startWith(counter, life);
        expect(call(device, 'get')).to.deep.equal(
          ok({ handler: '$0.Alleged: h', n: '+1' }, 'o-10'),
        );
      }
    });

    it('is not written by a start', async () => {
      const life = makeDeviceLife();
      await startWith(counter, life);
      expect(life.state).to.equal(undefined);
      expect(life.vatstore).to.have.lengthOf(0);
    });
  });

  describe('after a restart', () => {
    const family = ({ nameNode }: DeviceTools): object => {
      const heir = nameNode('heir', Far('heir', { hi: () => 'heir' }));
      return Far('root', { stray: () => Far('stray', { hi: () => 'stray' }), heir: () => heir });
    };

    it('keep named nodes, never reuse the number of an unnamed one', async () => {
      const life = makeDeviceLife();
      {
        const device = await startWith(family, life);
        expect(call(device, 'stray')).to.deep.equal(ok('$0.Alleged: stray', 'd+1'));
        expect(call(device, 'heir')).to.deep.equal(ok('$0.Alleged: heir', 'd+2'));
      }
      {
        const device = await startWith(family, life);
        expect(call(device, 'hi', data([]), 'd+2')).to.deep.equal(ok('heir'));
        expect(call(device, 'hi', data([]), 'd+1')).to.deep.equal(failed);
        expect(call(device, 'stray')).to.deep.equal(ok('$0.Alleged: stray', 'd+3'));
        expect(call(device, 'heir')).to.deep.equal(ok('$0.Alleged: heir', 'd+2'));
      }
    });
  });

  describe('that misbehave in a call', () => {
    const naughty = ({ SO }: DeviceTools): object =>
      Far('root', {
        boom: () => {
          throw Error('boom');
        },
        promise: () => Promise.resolve(),
        plain: () => harden({ method: () => 1 }),
        sendToNode: (node: object) => {
          SO(node).hello();
        },
        fine: () => 'fine',
      });
    const cases: [what: string, method: string, args: ReturnType<typeof data>, target?: string][] =
      [
        ['when the method throws', 'boom', data([])],
        ['when there is no such method', 'nope', data([])],
        ['when the method is only inherited', 'toString', data([])],
        ['when there is no such node', 'fine', data([]), 'd+9'],
        ['when it returns a promise', 'promise', data([])],
        ['when it returns an object that is not Far', 'plain', data([])],
        ['when it is given a promise', 'fine', data(['&0'], 'p-60')],
        ["when it is given another device's node", 'fine', data(['$0.Alleged: x'], 'd-20')],
        ['when it is given an unknown node', 'fine', data(['$0.Alleged: x'], 'd+8')],
        ['when it sends to a device node', 'sendToNode', data(['$0.Alleged: root'], 'd+0')],
        ['when the arguments are not capdata', 'fine', { body: '#{', slots: [] }],
      ];
    for (const [what, method, args, target] of cases) {
      it(`fail the call, and only it, ${what}`, async () => {
        const life = makeDeviceLife();
        const device = await startWith(naughty, life);
        expect(call(device, method, args, target)).to.deep.equal(failed);
        expect(life.reports, 'reports to the operator').to.have.lengthOf(1);
        expect(call(device, 'fine')).to.deep.equal(ok('fine'));
      });
    }
  });

  it('do not start without an object as root', async () => {
    const outcome = await failureOf(startWith(() => harden([])));
    expect(outcome).to.be.instanceOf(DeviceStartError);
  });
});
