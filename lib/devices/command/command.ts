/** The host's half of the command device. */
import { makePromiseKit, type PromiseKit } from '@endo/promise-kit';
import { DeviceInputError } from '../errors.js';
import { deviceSourcePath } from '../source-path.js';

type InboundCallback = (count: bigint, json: string | undefined) => void;

export interface CommandDevice {
  /** For `config.devices.command.sourceSpec`. */
  readonly srcPath: string;
  /** For `deviceEndowments.command`. */
  readonly endowments: {
    /** @param nextCount - the first number that no process has used; SwingSet's device has none */
    registerInboundCallback(callback: InboundCallback, nextCount?: bigint): void;
    deliverResponse(count: bigint | number, isReject: boolean, json: string | undefined): void;
    sendBroadcast(json: string | undefined): void;
  };
  /**
   * Queues `inbound(count, request)` for the handler that a vat registered; the host then runs the
   * kernel. The promise settles with what the vat answers, JSON data both ways; it never does when
   * the process ends before.
   * @throws DeviceInputError when no controller runs the device; a rejection when nobody listens
   */
  inboundCommand(request: unknown): Promise<unknown>;
}

const parse = (json: string | undefined): unknown =>
  json === undefined ? undefined : (JSON.parse(json) as unknown);

/**
 * The device of a store that SwingSet made keeps no numbers. Its requests begin where no earlier
 * process can have come to: nobody makes more than one in a microsecond.
 */
const countByClock = (): bigint => BigInt(Date.now()) * 1000n;

/** @param broadcastCallback gets what vats broadcast, as JSON data */
export const buildCommand = (broadcastCallback: (body: unknown) => void): CommandDevice => {
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
      // an answer to a request of an earlier process finds nobody: no fault of the vat
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
      // A vat must not end the process by rejecting what the host does not look at.
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
