/** Actions that become messages to vats. */
import type { SwingsetController } from '../../../controller/types.js';
import type {
  BridgeAction,
  MailboxAction,
  MessageAction,
  ProposeAction,
} from '../../transactions/action-types.js';
import type { BlockWork } from '../block-work.js';
import { CHAIN_VAT } from '../chain-vat.js';
import { fulfilled, rejected, rejectedBy, type ActionOutcome } from './outcome.js';

const queueToChainVat = (
  controller: SwingsetController,
  method: string,
  args: readonly unknown[],
): ActionOutcome => {
  try {
    return { kind: 'queued', kpid: controller.queueToVatRoot(CHAIN_VAT, method, args) };
  } catch (error) {
    // Data that vats can't take. A terminated chain vat rejects the message itself.
    return rejectedBy(error, ['BAD_OPTION']);
  }
};

export const sendMessage = (
  { controller }: BlockWork,
  sender: string,
  { to, method, args }: MessageAction,
): ActionOutcome => queueToChainVat(controller, 'deliver', [sender, to, method, args]);

export const propose = (
  { controller }: BlockWork,
  { code, permits = true }: ProposeAction,
): ActionOutcome => queueToChainVat(controller, 'evaluate', [code, permits]);

const noHandler = (device: string) =>
  rejected(`no vat has registered an inbound handler with the ${device} device`);

/** Runs `deliver`. The device throws when it has no handler, and queues nothing then. */
const deliver = (device: string, deliverInbound: () => void): ActionOutcome => {
  try {
    deliverInbound();
    return fulfilled();
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'DEVICE_INPUT') throw error;
    return noHandler(device);
  }
};

/** The peer is the sender. */
export const deliverMailbox = (
  { devices }: BlockWork,
  sender: string,
  { messages, ack }: MailboxAction,
): ActionOutcome =>
  deliver('mailbox', () => void devices.mailbox.deliverInbound(sender, messages, ack));

export const deliverBridge = (
  { devices }: BlockWork,
  { port, message }: BridgeAction,
): ActionOutcome => deliver('bridge', () => devices.bridge.deliverInbound(port, message));
