/** The host's half of the bridge device. */
import { DeviceInputError } from '../errors.js';
import { deviceSourcePath } from '../source-path.js';

type AnyFunction = (...args: unknown[]) => unknown;

export interface BridgeDevice {
  /** For `config.devices.bridge.sourceSpec`. */
  readonly srcPath: string;
  /** For `deviceEndowments.bridge`. */
  readonly endowments: {
    registerInboundCallback(callback: AnyFunction): void;
    callOutbound(...args: unknown[]): unknown;
  };
  /**
   * Queues `inbound(...args)` for the handler that a vat registered. Takes JSON data only.
   * @throws DeviceInputError when no vat has registered a handler, or an argument is not JSON
   */
  deliverInbound(...args: unknown[]): void;
}

/**
 * Builds a bridge device.
 * @param outboundCallback gets the arguments of a vat's `callOutbound` as JSON data (bigints as
 * decimal strings, undefined as null) and returns JSON data or undefined. For an Error that it
 * returns, the vat gets the text `name: message`; for one that it throws, the call fails. It runs inside a crank:
 * its answer must be the same on each replica, and its effects outside must wait for the commit
 */
export const buildBridge = (outboundCallback?: AnyFunction): BridgeDevice => {
  let inboundCallback: AnyFunction | undefined;
  return harden({
    srcPath: deviceSourcePath('bridge/device-bridge.js'),
    endowments: {
      registerInboundCallback: (callback: AnyFunction) => {
        inboundCallback = callback;
      },
      callOutbound: (...args: unknown[]) => {
        if (!outboundCallback)
          throw new DeviceInputError('bridge', 'no outboundCallback was given');
        const json = JSON.stringify(args, (_key, value: unknown) =>
          typeof value === 'bigint' ? `${value}` : value,
        );
        return outboundCallback(...(JSON.parse(json) as unknown[]));
      },
    },
    deliverInbound: (...args) => {
      if (!inboundCallback) throw new DeviceInputError('bridge', 'no controller runs the device');
      try {
        inboundCallback(...args);
      } catch (cause) {
        throw new DeviceInputError('bridge', `deliverInbound failed: ${String(cause)}`, { cause });
      }
    },
  } satisfies BridgeDevice);
};
