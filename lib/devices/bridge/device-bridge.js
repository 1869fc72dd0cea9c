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

/**
 * A host's value, reduced to JSON data. Of an error, its name and message: JSON has neither, and
 * stacks differ between replicas.
 *
 * @param {unknown} value
 */
const sanitize = value => {
  if (value === undefined) return undefined;
  return harden(JSON.parse(JSON.stringify(value instanceof Error ? `${value}` : value)));
};

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
