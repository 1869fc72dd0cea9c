// @ts-check
/**
 * The bridge device: synchronous JSON calls from vats to the host, and messages from the host to
 * one handler.
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

/** A host's value, reduced to JSON data. @param {unknown} value */
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
