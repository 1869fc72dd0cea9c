/** Performs one action that has left its queue. */
import type { KernelStorage } from '../../../store/types.js';
import type { BlockWork } from '../block-work.js';
import type { ChainParams } from '../../chain-params.js';
import type { QueuedAction } from '../tables/queues.js';
import { takeChunk } from './install-bundle.js';
import { deliverBridge, deliverMailbox, propose, sendMessage } from './messages.js';
import type { ActionOutcome } from './outcome.js';
import { cancelUpgrade, scheduleUpgrade } from './upgrades.js';
import { changeValidator } from './validators.js';

export interface ActionPorts {
  readonly params: ChainParams;
  readonly kernelStorage: KernelStorage;
}

export const perform = async (
  work: BlockWork,
  { id, sender, action }: QueuedAction,
  { params, kernelStorage }: ActionPorts,
): Promise<ActionOutcome> => {
  switch (action.type) {
    case 'message':
      return sendMessage(work, sender, action);
    case 'mailbox':
      return deliverMailbox(work, sender, action);
    case 'bridge':
      return deliverBridge(work, action);
    case 'installBundle':
      return takeChunk(work, sender, action, params);
    case 'propose':
      return propose(work, id, action);
    case 'scheduleUpgrade':
      return scheduleUpgrade(work, action, kernelStorage);
    case 'cancelUpgrade':
      return cancelUpgrade(work, action);
    case 'validator':
      return changeValidator(work, action);
    default:
      return action satisfies never;
  }
};
