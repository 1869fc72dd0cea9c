/** The host's half of the command device. */
import { makePromiseKit, type PromiseKit } from '@endo/promise-kit';
import { BadOptionError } from '../../errors.js';
import { DeviceInputError } from '../errors.js';
import { deviceSourcePath } from '../source-path.js';

type InboundCallback = (count: bigint, json: string | undefined) => void;

export interface CommandDevice {
  /** For `config.devices.command.sourceSpec`. */
  readonly srcPath: string;
  /** For `deviceEndowments.command`. */
  readonly endowments: {
    /** @param nextCount - the first unused request number; SwingSet's device passes none */
    registerInboundCallback(callback: InboundCallback, nextCount?: bigint): void;
    deliverResponse(count: bigint | number, isReject: boolean, json: string | undefined): void;
    sendBroadcast(json: string | undefined): void;
  };
  /**
   * Queues `inbound(count, request)` for the handler that a vat registered; then the host runs the
   * kernel. Returns a promise for the vat's answer. Request and answer are JSON data. If the
   * process ends first, the answer is lost. Rejects with a DeviceInputError when no vat has
   * registered a handler.
   * @throws DeviceInputError when no controller runs the device
   */
  inboundCommand(request: unknown): Promise<unknown>;
}

const parse = (json: string | undefined): unknown =>
  json === undefined ? undefined : (JSON.parse(json) as unknown);

/**
 * The first request number for a store from SwingSet, whose device keeps none. No earlier process
 * can have reached it, because nobody makes more than one request per microsecond.
 */
const countByClock = (): bigint => BigInt(Date.now()) * 1000n;

/**
 * Builds a command device.
 * @param broadcastCallback gets what vats broadcast, as JSON data; what it throws is logged
 * @throws BadOptionError without a callback
 */
export const buildCommand = (broadcastCallback: (body: unknown) => void): CommandDevice => {
  if (typeof broadcastCallback !== 'function') {
    throw new BadOptionError('broadcastCallback', broadcastCallback, 'a function');
  }
  let inboundCallback: InboundCallback | undefined;
  let nextCount = 0n;
  const waiting = new Map<bigint, PromiseKit<unknown>>();
  return harden({
    srcPath: deviceSourcePath('command/device-command.js'),
    endowments: {
      registerInboundCallback: (callback: InboundCallback, stored?: bigint) => {
        inboundCallback = callback;
        const first = stored ?? countByClock();
        if (first > nextCount) nextCount = first;
      },
      // A vat may answer a request of an earlier process, for which nobody waits any more.
      deliverResponse: (count: bigint | number, isReject: boolean, json: string | undefined) => {
        const kit = waiting.get(BigInt(count));
        waiting.delete(BigInt(count));
        if (isReject) kit?.reject(parse(json));
        else kit?.resolve(parse(json));
      },
      sendBroadcast: (json: string | undefined) => {
        broadcastCallback(parse(json));
      },
    },
    inboundCommand: request => {
      if (!inboundCallback) throw new DeviceInputError('command', 'no controller runs the device');
      const count = nextCount;
      nextCount += 1n;
      const kit = makePromiseKit<unknown>();
      // A rejection by a vat must not end the process as unhandled.
      kit.promise.catch(() => undefined);
      waiting.set(count, kit);
      try {
        inboundCallback(count, JSON.stringify(request));
      } catch (cause) {
        waiting.delete(count);
        kit.reject(
          new DeviceInputError('command', `inboundCommand failed: ${String(cause)}`, { cause }),
        );
      }
      return kit.promise;
    },
  } satisfies CommandDevice);
};
