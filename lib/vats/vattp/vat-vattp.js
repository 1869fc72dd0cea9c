// @ts-check
/**
 * The transport vat. It carries the messages of comms vats, as opaque strings, over the mailbox
 * device or over connections of the network API.
 *
 * Boundary: the vat that sets up comms calls `addRemote` and `makeNetworkHost`. The mailbox device
 * calls `deliverInbound*`, because the root is its inbound handler.
 *
 * The kinds, their state and the baggage keys are those of SwingSet's vat-vattp, so this code can
 * take over from it.
 *
 * @import { Baggage } from '@agoric/swingset-liveslots'
 */
import { Far } from '@endo/far';
import { prepareMailboxes } from './mailboxes.js';
import { prepareNetworkHosts } from './network-hosts.js';

/**
 * @param {any} vatPowers
 * @param {unknown} _vatParameters
 * @param {Baggage} baggage
 */
export const buildRootObject = ({ D }, _vatParameters, baggage) => {
  const mailboxes = prepareMailboxes({ baggage, D });
  const makeNetworkHost = prepareNetworkHosts(baggage);

  return Far('root', {
    /** @param {unknown} mailboxDevice its root node */
    registerMailboxDevice: mailboxDevice => mailboxes.registerDevice(mailboxDevice),

    /**
     * Makes a mailbox for a peer. Returns the `transmitter` and `setReceiver` for
     * `comms.addRemote`.
     *
     * @param {string} name
     */
    addRemote: name => mailboxes.add(name),

    /**
     * @param {string} peer
     * @param {ReadonlyArray<readonly [number | bigint, string]>} newMessages number and text of each
     */
    deliverInboundMessages: (peer, newMessages) =>
      mailboxes.inboundOf(peer)?.deliverMessages(newMessages),

    /**
     * @param {string} peer
     * @param {number | bigint} ackNum the highest number that the peer has received
     */
    deliverInboundAck: (peer, ackNum) => mailboxes.inboundOf(peer)?.deliverAck(ackNum),

    makeNetworkHost,
  });
};
harden(buildRootObject);
