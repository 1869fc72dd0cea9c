/** The host's half of the mailbox device. */
import { DeviceInputError } from '../errors.js';
import { deviceSourcePath } from '../source-path.js';
import type { MailboxState } from './mailbox-state.js';

export type InboundMessages = readonly (readonly [msgnum: number | bigint, body: string])[];
type InboundCallback = (peer: string, messages: InboundMessages, ack: number | bigint) => boolean;

export interface MailboxDevice {
  /** For `config.devices.mailbox.sourceSpec`. */
  readonly srcPath: string;
  /** For `deviceEndowments.mailbox`. */
  readonly endowments: MailboxState & {
    registerInboundCallback(callback: InboundCallback): void;
  };
  /**
   * Queues a peer's messages and its `ack`, the number of our last message that it received, for
   * the vat that registered a handler. Messages may repeat: the vat ignores those. Afterwards the
   * host runs the kernel and commits.
   * @returns true when it queued work
   * @throws DeviceInputError when an argument is malformed, or no vat has registered a handler
   */
  deliverInbound(peer: string, messages: InboundMessages, ack: number | bigint): boolean;
}

/** Builds a mailbox device on a host's storage (`buildMailboxStateMap`, or the host's own). */
export const buildMailbox = (state: MailboxState): MailboxDevice => {
  let inboundCallback: InboundCallback | undefined;
  return harden({
    srcPath: deviceSourcePath('mailbox/device-mailbox.js'),
    endowments: {
      // Each new controller replaces the callback.
      registerInboundCallback: (callback: InboundCallback) => {
        inboundCallback = callback;
      },
      add: (peer: string, msgnum: bigint, body: string) => {
        state.add(peer, msgnum, body);
      },
      remove: (peer: string, msgnum: bigint) => {
        state.remove(peer, msgnum);
      },
      setAcknum: (peer: string, msgnum: bigint) => {
        state.setAcknum(peer, msgnum);
      },
    },
    deliverInbound: (peer, messages, ack) => {
      if (!inboundCallback) throw new DeviceInputError('mailbox', 'no controller runs the device');
      try {
        return inboundCallback(peer, messages, ack);
      } catch (cause) {
        throw new DeviceInputError('mailbox', `deliverInbound failed: ${String(cause)}`, { cause });
      }
    },
  } satisfies MailboxDevice);
};
