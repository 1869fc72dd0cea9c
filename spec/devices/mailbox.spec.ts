/** The mailbox device with its host's half, over two lives of a process. */
import { expect } from 'chai';
import { DeviceInputError } from '../../lib/devices/errors.js';
import { buildMailbox, type MailboxDevice } from '../../lib/devices/mailbox/mailbox.js';
import {
  buildMailboxStateMap,
  exportMailbox,
  exportMailboxData,
  importMailbox,
  makeEphemeralMailboxStorage,
  type MailboxStorage,
} from '../../lib/devices/mailbox/mailbox-state.js';
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

describe('mailbox', () => {
  let bundle: Bundle;
  let storage: MailboxStorage;
  let mailbox: MailboxDevice;
  let life: DeviceLife;
  let device: DeviceRuntime;

  before(async () => {
    bundle = await bundleOf(buildMailbox(buildMailboxStateMap()).srcPath);
  });
  beforeEach(async () => {
    storage = makeEphemeralMailboxStorage();
    mailbox = buildMailbox(buildMailboxStateMap(storage));
    life = makeDeviceLife();
    device = await start(life, bundle, { endowments: mailbox.endowments });
  });

  const register = (): unknown =>
    call(device, 'registerInboundHandler', data(['$0.Alleged: vattp'], 'o-10'));

  describe('inbound', () => {
    it('goes to the registered handler: messages, then the acknowledgement', () => {
      register();
      expect(
        mailbox.deliverInbound(
          'peer',
          [
            [1, 'm1'],
            [2, 'm2'],
          ],
          7,
        ),
      ).to.equal(true);
      expect(life.sent).to.deep.equal([
        [
          'o-10',
          data([
            'deliverInboundMessages',
            [
              'peer',
              [
                [1, 'm1'],
                [2, 'm2'],
              ],
            ],
          ]),
        ],
        ['o-10', data(['deliverInboundAck', ['peer', 7]])],
      ]);
    });

    it('may be an acknowledgement alone', () => {
      register();
      mailbox.deliverInbound('peer', [], 7n);
      expect(life.sent).to.deep.equal([['o-10', data(['deliverInboundAck', ['peer', '+7']])]]);
    });

    it('finds its handler again after a restart', async () => {
      register();
      const again = buildMailbox(buildMailboxStateMap(storage));
      await start(life, bundle, { endowments: again.endowments });
      again.deliverInbound('peer', [], 1);
      expect(life.sent).to.have.lengthOf(1);
    });

    it('is refused while nobody listens', () => {
      expect(() => mailbox.deliverInbound('peer', [], 0)).to.throw(DeviceInputError);
      register();
      call(device, 'unregisterInboundHandler');
      expect(() => mailbox.deliverInbound('peer', [], 0)).to.throw(DeviceInputError);
    });

    it('is refused whole when a part is malformed', () => {
      register();
      const malformed: unknown[] = [
        ['peer', [['a', 'x']], 0],
        ['peer', 'x', 0],
        ['peer', [[5, 4]], 0],
        [7, [[5, 'x']], 0],
        ['peer', [[5, 'x']]],
        ['peer', [[-5, 'x']], 0],
        ['peer', [[1.5, 'x']], 0],
      ];
      for (const args of malformed) {
        expect(() => mailbox.deliverInbound(...(args as [string, [], number]))).to.throw(
          DeviceInputError,
        );
      }
      expect(life.sent).to.deep.equal([]);
    });

    it('is refused again when the crank that registered the handler was undone', () => {
      register();
      life.state = undefined;
      expect(() => mailbox.deliverInbound('peer', [[1, 'one']], 0)).to.throw(DeviceInputError);
      expect(register()).to.deep.equal(ok('#undefined'));
    });

    it('has one handler at a time', () => {
      expect(register()).to.deep.equal(ok('#undefined'));
      expect(register()).to.deep.equal(failed);
      call(device, 'unregisterInboundHander');
      expect(register()).to.deep.equal(ok('#undefined'));
    });
  });

  describe('outbound', () => {
    it('waits in the peer’s outbox until it is removed', () => {
      call(device, 'add', data(['peer', 1, 'out1']));
      call(device, 'add', data(['peer', '+2', 'out2']));
      call(device, 'ackInbound', data(['peer', 4]));
      call(device, 'remove', data(['peer', 1]));
      expect(exportMailboxData(storage)).to.deep.equal({
        peer: { inboundAck: 4, outbox: [[2, 'out2']] },
      });
    });

    it('is exported in the order of its numbers', () => {
      for (const msgnum of [3, 1, 2]) call(device, 'add', data(['peer', msgnum, `out${msgnum}`]));
      expect(exportMailboxData(storage).peer?.outbox.map(([msgnum]) => msgnum)).to.eql([1, 2, 3]);
    });

    it('takes natural numbers only', () => {
      for (const msgnum of ['x', -1, 1.5, '#undefined', '-1']) {
        expect(call(device, 'add', data(['peer', msgnum, 'x']))).to.deep.equal(failed);
      }
      expect(exportMailboxData(storage)).to.deep.equal({});
    });
  });

  it('storage is restored from its export', () => {
    call(device, 'add', data(['peer', 3, 'out3']));
    call(device, 'ackInbound', data(['other', 9]));
    const saved = JSON.parse(JSON.stringify(exportMailboxData(storage))) as never;
    expect(makeEphemeralMailboxStorage(saved)).to.deep.equal(storage);
    const peer = storage.get('peer');
    if (!peer) expect.fail('no mailbox for peer');
    expect(importMailbox(exportMailbox(peer))).to.deep.equal(peer);
  });

  it('storage takes numbers from hosts, and no negative ones', () => {
    const state = buildMailboxStateMap(storage) as unknown as {
      add(peer: string, msgnum: number, body: string): void;
      remove(peer: string, msgnum: number | bigint): void;
      setAcknum(peer: string, msgnum: number): void;
    };
    state.add('peer', 1, 'one');
    state.add('peer', 2, 'two');
    state.remove('peer', 1n);
    state.setAcknum('peer', 4);
    expect(storage.get('peer')).to.deep.equal({ outbox: new Map([[2n, 'two']]), ack: 4n });
    expect(() => state.add('peer', -1, 'x')).to.throw(RangeError);
    expect(() => importMailbox({ ack: -1, outbox: [] })).to.throw(RangeError);
  });
});
