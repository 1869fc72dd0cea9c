// @ts-check
/**
 * The transport vat: carries the strings of comms vats over the mailbox device or over
 * connections of the network API. Knows nothing of what they say.
 *
 * Boundary: `addRemote` and `makeNetworkHost` are for whoever sets up comms, `deliverInbound*` for
 * the mailbox device, which gets the root object as its inbound handler.
 *
 * Kinds, their state and baggage keys are those of SwingSet's vat-vattp, so that this vat can be
 * the next incarnation of one.
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
     * A mailbox for a peer, as `comms.addRemote` wants it.
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
