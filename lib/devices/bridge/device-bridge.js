// @ts-check
/**
 * The bridge device: JSON calls from a vat to the host, answered at once, and messages from the host
 * to one handler.
 *
 * Endowments: `registerInboundCallback(fn)`, `callOutbound(...args)`. State: `{ inboundHandler }`.
 */
import { Far } from '@endo/far';
import { makeInboundHandler } from '../inbound-handler.js';

/**
 * @typedef {object} BridgeEndowments
 * @property {(callback: (...args: unknown[]) => void) => void} registerInboundCallback
 * @property {(...args: unknown[]) => unknown} callOutbound
 */

/** What JSON can say of a host's value. @param {unknown} value */
const sanitize = value =>
  value === undefined ? undefined : harden(JSON.parse(JSON.stringify(value)));

/** @type {import('../device-slots.js').BuildRootDeviceNode} */
export const buildRootDeviceNode = tools => {
  const { SO } = tools;
  const host = /** @type {BridgeEndowments} */ (tools.endowments);
  const inboundHandler = makeInboundHandler(tools);

  host.registerInboundCallback((...args) => {
    SO(inboundHandler.insist()).inbound(...sanitize(args));
  });

  return Far('bridge', {
    /** @param {object} handler gets `inbound(...args)` */
    registerInboundHandler(handler) {
      if (inboundHandler.get()) throw Error('inboundHandler already registered');
      inboundHandler.set(handler);
    },
    unregisterInboundHandler() {
      inboundHandler.set(undefined);
    },
    /** @param {unknown[]} args */
    callOutbound(...args) {
      return sanitize(host.callOutbound(...args));
    },
  });
};
harden(buildRootDeviceNode);
