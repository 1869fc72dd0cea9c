// @ts-check
/**
 * The bridge device: JSON calls from a vat to the host, answered at once, and messages from the host
 * to one handler.
 *
 * Endowments: `registerInboundCallback(fn)`, `callOutbound(...args)`. State: `{ inboundHandler }`.
 */
import { Far } from '@endo/far';

/**
 * @typedef {object} BridgeEndowments
 * @property {(callback: (...args: unknown[]) => void) => void} registerInboundCallback
 * @property {(...args: unknown[]) => unknown} callOutbound
 */

/** What JSON can say of a host's value. @param {unknown} value */
const sanitize = value =>
  value === undefined ? undefined : harden(JSON.parse(JSON.stringify(value)));

/** @type {import('../device-slots.js').BuildRootDeviceNode} */
export const buildRootDeviceNode = ({ SO, getDeviceState, setDeviceState, endowments }) => {
  const host = /** @type {BridgeEndowments} */ (endowments);
  // Read at each use: the crank that registered a handler may have been undone.
  /** @returns {object | undefined} */
  const getHandler = () =>
    /** @type {{ inboundHandler?: object } | undefined} */ (getDeviceState())?.inboundHandler;

  /** @param {object | undefined} handler */
  const setHandler = handler => setDeviceState(harden({ inboundHandler: handler }));

  host.registerInboundCallback((...args) => {
    const inboundHandler = getHandler();
    if (!inboundHandler) throw Error('no vat has called registerInboundHandler yet');
    SO(inboundHandler).inbound(...sanitize(args));
  });

  return Far('bridge', {
    /** @param {object} handler gets `inbound(...args)` */
    registerInboundHandler(handler) {
      if (getHandler()) throw Error('inboundHandler already registered');
      setHandler(handler);
    },
    unregisterInboundHandler() {
      setHandler(undefined);
    },
    /** @param {unknown[]} args */
    callOutbound(...args) {
      return sanitize(host.callOutbound(...args));
    },
  });
};
harden(buildRootDeviceNode);
