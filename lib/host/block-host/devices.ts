/**
 * The host's half of the devices that every chain has: timer, mailbox and bridge. One set for each
 * controller.
 *
 * Invariants
 * 1. Whatever a vat does through them goes to the effects of the block that is executed. Between
 *    blocks, no vat runs.
 * 2. Nothing leaves before the commit: outputs wait in the effects.
 */
import { buildBridge, type BridgeDevice } from '../../devices/bridge/bridge.js';
import { buildMailbox, type MailboxDevice } from '../../devices/mailbox/mailbox.js';
import { buildTimer, type Timer } from '../../devices/timer/timer.js';
import type { DeviceEndowments } from '../../controller/option-types.js';
import { BadOptionError } from '../../errors.js';
import type { BlockEffects } from './block-effects.js';
import { HostStoppedError } from './errors.js';
import { serveStorage } from './storage-port.js';
import { addMessage, removeMessage, setAck } from './tables/mailboxes.js';

/** Their names in every chain's configuration. */
export const HOST_DEVICES = ['bridge', 'mailbox', 'timer'] as const;

export interface HostDevices {
  readonly endowments: DeviceEndowments;
  readonly timer: Pick<Timer, 'poll'>;
  readonly mailbox: Pick<MailboxDevice, 'deliverInbound'>;
  readonly bridge: Pick<BridgeDevice, 'deliverInbound'>;
  /** The block that devices write to from now on. */
  beginBlock(effects: BlockEffects): void;
}

const MAX_PORT = 256;

const insistPort = (port: unknown): string => {
  if (typeof port === 'string' && port !== '' && port.length <= MAX_PORT) return port;
  throw new BadOptionError('bridge port', port, `a text of 1 to ${MAX_PORT} characters`);
};

export const makeHostDevices = (): HostDevices => {
  let current: BlockEffects | undefined;
  const effects = (): BlockEffects => {
    if (!current) throw new HostStoppedError('a device was called while no block is executed');
    return current;
  };
  const timer = buildTimer();
  const mailbox = buildMailbox({
    add: (peer, num, text) => {
      const { rows, outputs, events, room } = effects();
      // The store would replace lone surrogates later.
      const body = text.toWellFormed();
      room.take([[peer, body]]);
      addMessage(rows, peer, num, body);
      outputs.push({ type: 'mailbox', peer, num: Number(num), body });
      events.push({
        type: 'swingset_mailbox',
        attributes: [
          ['peer', peer],
          ['num', String(num)],
        ],
      });
    },
    remove: (peer, num) => removeMessage(effects().rows, peer, num),
    setAcknum: (peer, num) => {
      const { rows, outputs, room } = effects();
      room.take([[peer]]);
      setAck(rows, peer, num);
      outputs.push({ type: 'mailbox-ack', peer, num: Number(num) });
    },
  });
  const bridge = buildBridge((given: unknown, message: unknown) => {
    const port = insistPort(given);
    if (port === 'storage') return serveStorage(effects(), message);
    const { outputs, events, room } = effects();
    const text = JSON.stringify(message) ?? 'null';
    room.take([[port, text]]);
    outputs.push({ type: 'bridge', port, message });
    events.push({
      type: 'swingset_bridge',
      attributes: [
        ['port', port],
        ['message', text],
      ],
    });
    return undefined;
  });
  return {
    endowments: {
      timer: timer.endowments,
      mailbox: mailbox.endowments,
      bridge: bridge.endowments,
    },
    timer,
    mailbox,
    bridge,
    beginBlock: next => {
      current = next;
    },
  };
};
