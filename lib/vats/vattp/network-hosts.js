// @ts-check
/**
 * Carries comms over a connection of the network API instead of a mailbox. A host is a connection
 * handler on one side and a comms remote on the other. Once the connection is open, each end can
 * publish objects under addresses and look up those of the other end.
 *
 * @import { Baggage } from '@agoric/swingset-liveslots'
 */
import { E } from '@endo/far';
import { brief } from '../brief.js';
import {
  makeScalarBigMapStore,
  makeScalarBigSetStore,
  prepareKindMulti,
  provide,
} from '../durable-kinds.js';

/** Each end exports its locator to the other under this index of its comms vat. */
const LOCATOR_INDEX = 0;

/** @param {Baggage} baggage */
export const prepareNetworkHosts = baggage => {
  /** @type {import('@agoric/store').SetStore<string>} */
  const names = provide(baggage, 'networkHostNames', () =>
    makeScalarBigSetStore('networkHostNames', { durable: true }),
  );
  provide(baggage, 'networkHostCounter', () => 0n);

  /** @type {(state: { comms: any, connectionName: string }) => Promise<any>} */
  const askForLocator = ({ comms, connectionName }) =>
    E(comms).addIngress(connectionName, LOCATOR_INDEX);

  const makeHost = prepareKindMulti(
    baggage,
    'networkHostHandle',
    (
      /** @type {string} */ allegedName,
      /** @type {string} */ connectionName,
      /** @type {unknown} */ comms,
      /** @type {unknown} */ console,
    ) => ({
      comms: /** @type {any} */ (comms),
      console: /** @type {any} */ (console),
      allegedName,
      connection: /** @type {any} */ (null),
      connectionName,
      exportedObjects: makeScalarBigMapStore(
        `network host exported objects by address: ${connectionName} as ${allegedName}`,
        { durable: true },
      ),
      nextAddressNumber: 1n,
      receiver: /** @type {any} */ (null),
      remoteLocatorUnum: /** @type {any} */ (null),
    }),
    {
      host: {
        /** Publishes an object and returns the address at which the other end can look it up. */
        publish: ({ state }, /** @type {unknown} */ object) => {
          const address = `/alleged-name/${state.allegedName}/egress/${state.nextAddressNumber}`;
          state.nextAddressNumber += 1n;
          state.exportedObjects.init(address, object);
          return address;
        },
        /** The object that the other end published at an address. */
        lookup: ({ state }, /** @type {string} */ address) => {
          if (!state.connection) throw Error(`host "${state.connectionName}" is not open`);
          // Null if the incarnation ended while the connection was opening.
          const locator = state.remoteLocatorUnum ?? askForLocator(state);
          return E(locator).lookup(address);
        },
      },
      handler: {
        infoMessage: ({ state }, /** @type {unknown[]} */ ...args) => {
          const label = 'VatTP connection info:';
          if (state.console) void E(state.console).log(label, ...args);
          else console.log(label, ...args);
        },
        onOpen: async ({ state, facets }, /** @type {unknown} */ connection) => {
          if (state.connection) throw Error(`host "${state.connectionName}" already opened`);
          state.connection = connection;
          const { comms, connectionName: name } = state;
          // Send all three at once: the answers may only reach a later incarnation, or none.
          const [, , locator] = await Promise.all([
            E(comms).addRemote(name, facets.commsTransmitter, facets.commsSetReceiver),
            E(comms).addEgress(name, LOCATOR_INDEX, facets.localLocatorUnum),
            askForLocator(state),
          ]);
          state.remoteLocatorUnum = locator;
        },
        onReceive: (
          { state },
          /** @type {unknown} */ _connection,
          /** @type {string} */ packet,
        ) => {
          if (!state.receiver) throw Error(`host "${state.connectionName}" has no receiver`);
          E(state.receiver)
            .receive(packet)
            .catch((/** @type {unknown} */ err) =>
              console.error(`vattp: packet of ${state.connectionName} failed`, err),
            );
        },
        onClose: ({ state }) => {
          // Comms can't forget a remote, so messages to it are lost from now on.
          console.warn(`vattp: ${state.connectionName} closed`);
          state.receiver = null;
        },
      },
      commsTransmitter: {
        transmit: ({ state }, /** @type {string} */ message) => {
          E(state.connection)
            .send(message)
            .catch((/** @type {unknown} */ err) =>
              console.error(`vattp: sending on ${state.connectionName} failed`, err),
            );
        },
      },
      commsSetReceiver: {
        setReceiver: ({ state }, /** @type {unknown} */ receiver) => {
          if (state.receiver) throw Error('setReceiver is call-once');
          if (!receiver) throw Error('receiver must not be empty');
          state.receiver = receiver;
        },
      },
      localLocatorUnum: {
        lookup: ({ state }, /** @type {string} */ address) => {
          if (!state.exportedObjects.has(address))
            throw Error(`nothing is published as ${brief(address)}`);
          return state.exportedObjects.get(address);
        },
      },
    },
  );

  /**
   * @param {string} allegedName
   * @param {unknown} comms the comms vat's root
   * @param {unknown} [console] remote object whose `log` gets messages about the connection
   */
  return (allegedName, comms, console) => {
    if (typeof allegedName !== 'string') throw TypeError('the alleged name must be a string');
    if (names.has(allegedName))
      throw Error(`already have host for ${brief(JSON.stringify(allegedName))}`);
    const number = baggage.get('networkHostCounter') + 1n;
    const { host, handler } = makeHost(allegedName, `connection-${number}`, comms, console);
    names.add(allegedName);
    baggage.set('networkHostCounter', number);
    return harden({ host, handler });
  };
};
