// @ts-check
/**
 * The mailbox device: messages to and from other machines, numbered per peer and kept until they
 * are acknowledged. The outbox of outbound messages is host state, which the endowments write.
 *
 * Endowments: `registerInboundCallback(fn)`, `add(peer, msgnum, body)`, `remove(peer, msgnum)`,
 * `setAcknum(peer, msgnum)`. State: `{ inboundHandler }`.
 */
import { Far } from '@endo/far';
import { makeInboundHandler } from '../inbound-handler.js';

/**
 * @typedef {[msgnum: number | bigint, body: string][]} Messages
 * @typedef {object} MailboxEndowments
 * @property {(callback: (peer: string, messages: Messages, ack: number | bigint) => boolean) => void} registerInboundCallback
 * @property {(peer: string, msgnum: bigint, body: string) => void} add
 * @property {(peer: string, msgnum: bigint) => void} remove
 * @property {(peer: string, msgnum: bigint) => void} setAcknum
 */

/** @param {unknown} value @param {string} what */
const insistString = (value, what) => {
  if (typeof value !== 'string') throw TypeError(`${what} must be a string`);
};

/** @param {unknown} value @returns {bigint} a message number, from a number or a bigint */
const toMsgnum = value => {
  const isNumber = typeof value === 'bigint' || Number.isSafeInteger(value);
  const msgnum = isNumber ? BigInt(/** @type {bigint} */ (value)) : -1n;
  if (msgnum < 0n) throw TypeError('a message number must be a natural number');
  return msgnum;
};

/** @type {import('../device-slots.js').BuildRootDeviceNode} */
export const buildRootDeviceNode = tools => {
  const { SO } = tools;
  const host = /** @type {MailboxEndowments} */ (tools.endowments);
  const inboundHandler = makeInboundHandler(tools);

  host.registerInboundCallback((peer, messages, ack) => {
    insistString(peer, 'peer');
    toMsgnum(ack);
    for (const [msgnum, body] of messages) {
      toMsgnum(msgnum);
      insistString(body, 'body');
    }
    const handler = SO(inboundHandler.insist());
    if (messages.length > 0) handler.deliverInboundMessages(peer, harden(messages));
    handler.deliverInboundAck(peer, ack);
    return true;
  });

  const unregisterInboundHandler = () => inboundHandler.set(undefined);
  return Far('mailbox', {
    /**
     * @param {object} handler gets `deliverInboundMessages(peer, [[msgnum, body]…])` and
     *   `deliverInboundAck(peer, msgnum)`
     */
    registerInboundHandler(handler) {
      if (inboundHandler.get()) throw Error('already registered');
      inboundHandler.set(handler);
    },
    unregisterInboundHandler,
    // SwingSet's spelling.
    unregisterInboundHander: unregisterInboundHandler,
    /** @param {unknown} peer @param {unknown} msgnum @param {unknown} body */
    add(peer, msgnum, body) {
      host.add(`${peer}`, toMsgnum(msgnum), `${body}`);
    },
    /** @param {unknown} peer @param {unknown} msgnum */
    remove(peer, msgnum) {
      host.remove(`${peer}`, toMsgnum(msgnum));
    },
    /** @param {unknown} peer @param {unknown} msgnum the last one received from the peer */
    ackInbound(peer, msgnum) {
      host.setAcknum(`${peer}`, toMsgnum(msgnum));
    },
  });
};
harden(buildRootDeviceNode);
