// @ts-check
/**
 * One mailbox per peer. It numbers outbound messages and keeps them in the device's outbox until
 * the peer acknowledges them. It passes on each inbound message once.
 *
 * Invariants:
 * 1. Numbers count from 1, per peer and direction.
 * 2. `outboundHighestRemoved <= outboundHighestAdded`. The messages in between are in the outbox.
 * 3. A message is acknowledged only when it is sent to a receiver. Without a receiver it stays in
 *    the peer's outbox, and the peer sends it again.
 * 4. The cost of a delivery is bounded, whatever the peer sends: at most `MOST_AT_ONCE` messages or
 *    acknowledgements of messages count. The peer repeats the others.
 *
 * @import { Baggage, MapStore } from '@agoric/swingset-liveslots'
 */
import { E } from '@endo/far';
import { brief } from '../brief.js';
import { makeScalarBigMapStore, prepareKindMulti, provide } from '../durable-kinds.js';

/** One costs up to 100,000 computrons, and a delivery has 1,000,000,000. */
const MOST_AT_ONCE = 2_000;

/**
 * @param {object} powers
 * @param {Baggage} powers.baggage
 * @param {(node: any) => any} powers.D
 */
export const prepareMailboxes = ({ baggage, D }) => {
  const getDevice = () => {
    if (!baggage.has('mailboxDevice')) throw Error('registerMailboxDevice() must come first');
    return baggage.get('mailboxDevice');
  };

  const makeMailbox = prepareKindMulti(
    baggage,
    'mailboxHandle',
    (/** @type {string} */ name) => ({
      name,
      outboundHighestAdded: 0,
      outboundHighestRemoved: 0,
      inboundHighestDelivered: 0,
      inboundReceiver: /** @type {any} */ (null),
    }),
    {
      transmitter: {
        transmit: ({ state }, /** @type {string} */ message) => {
          const number = state.outboundHighestAdded + 1;
          D(getDevice()).add(state.name, number, message);
          state.outboundHighestAdded = number;
        },
      },
      setReceiver: {
        setReceiver: ({ state }, /** @type {unknown} */ receiver) => {
          if (state.inboundReceiver) throw Error('setReceiver is call-once');
          if (!receiver) throw Error('receiver must not be empty');
          state.inboundReceiver = receiver;
        },
      },
      inbound: {
        deliverMessages: (
          { state },
          /** @type {ReadonlyArray<readonly [number | bigint, string]>} */ messages,
        ) => {
          const { name, inboundReceiver: receiver } = state;
          if (!receiver) return;
          const before = state.inboundHighestDelivered;
          let highest = before;
          let taken = 0;
          for (const [given, message] of messages) {
            if (taken >= MOST_AT_ONCE) break;
            const number = Number(given);
            // A NaN would become the highest number and block all later messages.
            if (!Number.isSafeInteger(number) || number <= highest) continue;
            if (typeof message !== 'string') continue;
            highest = number;
            taken += 1;
            E(receiver)
              .receive(message)
              .catch((/** @type {unknown} */ err) =>
                console.error(`vattp: message ${number} of ${name} failed`, err),
              );
          }
          if (highest === before) return;
          state.inboundHighestDelivered = highest;
          D(getDevice()).ackInbound(name, highest);
        },
        deliverAck: ({ state }, /** @type {number | bigint} */ acknowledged) => {
          const { name, outboundHighestAdded: added, outboundHighestRemoved: removed } = state;
          const last = Math.min(Math.floor(Number(acknowledged)), added, removed + MOST_AT_ONCE);
          // Also if what the host passes on is no number.
          if (!(last > removed)) return;
          for (let number = removed + 1; number <= last; number += 1) {
            D(getDevice()).remove(name, number);
          }
          state.outboundHighestRemoved = last;
        },
      },
    },
  );

  /** @type {MapStore<string, Record<'transmitter' | 'setReceiver' | 'inbound', any>>} */
  const mailboxes = provide(baggage, 'mailboxes', () =>
    makeScalarBigMapStore('mailboxes', { durable: true }),
  );

  return harden({
    /** @param {unknown} device */
    registerDevice(device) {
      if (baggage.has('mailboxDevice')) baggage.set('mailboxDevice', device);
      else baggage.init('mailboxDevice', device);
    },
    /** @param {string} name */
    add(name) {
      if (typeof name !== 'string') throw TypeError('the name of a remote must be a string');
      if (mailboxes.has(name)) throw Error(`already have remote ${brief(JSON.stringify(name))}`);
      const { inbound, setReceiver, transmitter } = makeMailbox(name);
      mailboxes.init(name, harden({ inbound, setReceiver, transmitter }));
      return harden({ transmitter, setReceiver });
    },
    /**
     * The mailbox facet for inbound messages; undefined for an unknown peer, which the host should
     * have turned away.
     *
     * @param {string} name
     */
    inboundOf: name => (mailboxes.has(name) ? mailboxes.get(name).inbound : undefined),
  });
};
