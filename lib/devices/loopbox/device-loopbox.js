// @ts-check
/**
 * The loopbox device: connects vats of one machine as if they were on several, for tests of comms.
 * Each of `deviceParameters.senders` has a node that acts like a mailbox. What it adds for a peer
 * goes to the handler registered under that peer's name. Nothing is lost, so nothing is
 * acknowledged.
 *
 * Endowments: `registerPassOneMessage(fn)`, `deliverMode` (`immediate` or `queued`). State:
 * `{ inboundHandlers, queuedMessages, counts }`. `counts` is each sender's next message number.
 */
import { Far } from '@endo/far';

/**
 * @typedef {object} LoopboxState
 * @property {Record<string, object>} inboundHandlers by peer
 * @property {[peer: string, sender: string, count: number, body: unknown][]} queuedMessages
 * @property {Record<string, number>} counts
 * @typedef {object} LoopboxEndowments
 * @property {(passOneMessage: () => boolean) => void} registerPassOneMessage
 * @property {'immediate' | 'queued'} deliverMode
 */

/** @type {import('../device-slots.js').BuildRootDeviceNode} */
export const buildRootDeviceNode = tools => {
  const { SO, getDeviceState, setDeviceState, nameNode } = tools;
  const { registerPassOneMessage, deliverMode } = /** @type {LoopboxEndowments} */ (
    tools.endowments
  );
  const { senders = [] } = /** @type {{ senders?: string[] }} */ (tools.deviceParameters ?? {});

  /** @returns {LoopboxState} */
  const getState = () =>
    /** @type {any} */ (getDeviceState()) ?? {
      inboundHandlers: {},
      queuedMessages: [],
      counts: Object.fromEntries(senders.map(sender => [sender, 1])),
    };
  /** @param {LoopboxState} state */
  const setState = state => setDeviceState(harden(state));

  /** @param {string} peer @param {string} sender @param {number} count @param {unknown} body */
  const deliver = (peer, sender, count, body) => {
    const handler = SO(/** @type {object} */ (getState().inboundHandlers[peer]));
    handler.deliverInboundMessages(sender, harden([[count, body]]));
  };

  registerPassOneMessage(() => {
    const state = getState();
    const [first, ...queuedMessages] = state.queuedMessages;
    if (!first) return false;
    setState({ ...state, queuedMessages });
    deliver(...first);
    return true;
  });

  const senderNodes = new Map(
    senders.map(sender => [
      sender,
      nameNode(
        sender,
        Far('loopboxSender', {
          /** @param {string} peer @param {unknown} _msgnum @param {unknown} body */
          add(peer, _msgnum, body) {
            const { inboundHandlers, queuedMessages, counts } = getState();
            if (!Object.hasOwn(inboundHandlers, peer)) throw Error(`unregistered peer ${peer}`);
            const count = counts[sender] ?? 1;
            const isQueued = deliverMode === 'queued';
            setState({
              inboundHandlers,
              queuedMessages: isQueued
                ? [...queuedMessages, [peer, sender, count, body]]
                : queuedMessages,
              counts: { ...counts, [sender]: count + 1 },
            });
            if (!isQueued) deliver(peer, sender, count, body);
          },
          remove() {},
          ackInbound() {},
        }),
      ),
    ]),
  );

  return Far('loopbox', {
    /**
     * @param {string} peer
     * @param {object} handler gets `deliverInboundMessages(sender, [[count, body]])`
     */
    registerInboundHandler(peer, handler) {
      SO(handler);
      const state = getState();
      if (Object.hasOwn(state.inboundHandlers, peer)) throw Error('already registered');
      setState({ ...state, inboundHandlers: { ...state.inboundHandlers, [peer]: handler } });
    },
    /** The sender's node, or undefined. @param {string} sender one of `deviceParameters.senders` */
    getSender: sender => senderNodes.get(sender),
  });
};
harden(buildRootDeviceNode);
