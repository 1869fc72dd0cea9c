// @ts-check
/**
 * The command device: requests from the host to one handler, each answered at some time by
 * `sendResponse`, and broadcasts to the host. All as JSON.
 *
 * Endowments: `registerInboundCallback(fn)`, `deliverResponse(count, isReject, json)`,
 * `sendBroadcast(json)`. State: `{ inboundHandler }`.
 */
import { Far } from '@endo/far';
import { makeInboundHandler } from '../inbound-handler.js';

/**
 * @typedef {object} CommandEndowments
 * @property {(callback: (count: bigint, json: string | undefined) => void) => void} registerInboundCallback
 * @property {(count: bigint | number, isReject: boolean, json: string | undefined) => void} deliverResponse
 * @property {(json: string | undefined) => void} sendBroadcast
 */

/** @type {import('../device-slots.js').BuildRootDeviceNode} */
export const buildRootDeviceNode = tools => {
  const { SO } = tools;
  const host = /** @type {CommandEndowments} */ (tools.endowments);
  const inboundHandler = makeInboundHandler(tools);

  host.registerInboundCallback((count, json) => {
    const body = json === undefined ? undefined : JSON.parse(json);
    SO(inboundHandler.insist()).inbound(BigInt(count), harden(body));
  });

  return Far('command', {
    /** @param {object} handler gets `inbound(count, body)`; replaces an earlier one */
    registerInboundHandler(handler) {
      inboundHandler.set(handler);
    },
    /** @param {bigint | number} count @param {unknown} isReject @param {unknown} body */
    sendResponse(count, isReject, body) {
      host.deliverResponse(count, !!isReject, JSON.stringify(body));
    },
    /** @param {unknown} body */
    sendBroadcast(body) {
      host.sendBroadcast(JSON.stringify(body));
    },
  });
};
harden(buildRootDeviceNode);
