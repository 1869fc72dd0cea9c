/** Actions that become messages to vats. */
import type { SwingsetController } from '../../../controller/types.js';
import { kslot } from '../../../kernel/delivery/kmarshal.js';
import type {
  BridgeAction,
  MailboxAction,
  MessageAction,
  ProposeAction,
} from '../../transactions/action-types.js';
import type { BlockWork } from '../block-work.js';
import { CHAIN_VAT } from '../chain-vat.js';
import { fulfilled, rejected, rejectedBy, type ActionOutcome } from './outcome.js';

interface Call {
  readonly method: string;
  readonly args: readonly unknown[];
}

/**
 * Calls what the chain vat answers `question` with. The kernel holds the call until then, and rejects
 * its result when the chain vat rejects the question.
 */
const callAnswerOf = (
  controller: SwingsetController,
  question: Call,
  { method, args }: Call,
): ActionOutcome => {
  try {
    const answer = controller.queueToVatRoot(CHAIN_VAT, question.method, question.args);
    try {
      return { kind: 'queued', kpid: controller.queueToVatObject(kslot(answer), method, args) };
    } finally {
      controller.kpForget(answer);
    }
  } catch (error) {
    // Data that vats can't take. A terminated chain vat rejects the message itself.
    return rejectedBy(error, ['BAD_OPTION']);
  }
};

export const sendMessage = (
  { controller }: BlockWork,
  sender: string,
  { to, method, args }: MessageAction,
): ActionOutcome =>
  callAnswerOf(controller, { method: 'lookup', args: [to] }, { method, args: [sender, ...args] });

/** @param id - the action's, after which the proposal's vat is named */
export const propose = (
  { controller }: BlockWork,
  id: string,
  { code, permits = true }: ProposeAction,
): ActionOutcome =>
  callAnswerOf(
    controller,
    { method: 'startProposal', args: [id, permits] },
    { method: 'evaluate', args: [code] },
  );

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
