// @ts-check
/**
 * The command device: requests from the host to one handler, which answers each with `sendResponse`
 * at any later time, and broadcasts to the host. All data is JSON.
 *
 * Endowments: `registerInboundCallback(fn, nextCount)`, `deliverResponse(count, isReject, json)`,
 * `sendBroadcast(json)`. State: `{ inboundHandler, nextCount }`. Request numbers must outlive the
 * process, because a vat may answer after a restart.
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

  /**
   * What the host does with an answer or a broadcast is no business of the vat that gives it.
   * @param {string} what @param {() => void} tell
   */
  const tellHost = (what, tell) => {
    try {
      tell();
    } catch (error) {
      console.error(`command device: ${what} failed`, error);
    }
  };

  const getState = () => /** @type {{ nextCount?: bigint } | undefined} */ (getDeviceState());

  host.registerInboundCallback((count, json) => {
    const handler = inboundHandler.insist();
    const body = json === undefined ? undefined : JSON.parse(json);
    setDeviceState(harden({ ...getState(), nextCount: BigInt(count) + 1n }));
    SO(handler).inbound(BigInt(count), harden(body));
  }, getState()?.nextCount ?? 0n);

  return Far('command', {
    /** Replaces an earlier handler. @param {object} handler gets `inbound(count, body)` */
    registerInboundHandler(handler) {
      inboundHandler.set(handler);
    },
    /** @param {bigint | number} count @param {unknown} isReject @param {unknown} body */
    sendResponse(count, isReject, body) {
      tellHost('sendResponse', () => host.deliverResponse(count, !!isReject, JSON.stringify(body)));
    },
    /** @param {unknown} body */
    sendBroadcast(body) {
      tellHost('sendBroadcast', () => host.sendBroadcast(JSON.stringify(body)));
    },
  });
};
harden(buildRootDeviceNode);
