// @ts-check
/**
 * The command device: requests from the host to one handler, each answered at some time by
 * `sendResponse`, and broadcasts to the host. All as JSON.
 *
 * Endowments: `registerInboundCallback(fn, nextCount)`, `deliverResponse(count, isReject, json)`,
 * `sendBroadcast(json)`. State: `{ inboundHandler, nextCount }`: numbers of requests outlive the
 * process, because vats answer when they like.
 */
import { Far } from '@endo/far';
import { makeInboundHandler } from '../inbound-handler.js';

/**
 * @typedef {object} CommandEndowments
 * @property {(callback: (count: bigint, json: string | undefined) => void, nextCount: bigint) => void} registerInboundCallback
 * @property {(count: bigint | number, isReject: boolean, json: string | undefined) => void} deliverResponse
 * @property {(json: string | undefined) => void} sendBroadcast
 */

/** @type {import('../device-slots.js').BuildRootDeviceNode} */
export const buildRootDeviceNode = tools => {
  const { SO, getDeviceState, setDeviceState } = tools;
  const host = /** @type {CommandEndowments} */ (tools.endowments);
  const inboundHandler = makeInboundHandler(tools);

  const getState = () => /** @type {{ nextCount?: bigint } | undefined} */ (getDeviceState());

  host.registerInboundCallback((count, json) => {
    const handler = inboundHandler.insist();
    const body = json === undefined ? undefined : JSON.parse(json);
    setDeviceState(harden({ ...getState(), nextCount: BigInt(count) + 1n }));
    SO(handler).inbound(BigInt(count), harden(body));
  }, getState()?.nextCount ?? 0n);

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
