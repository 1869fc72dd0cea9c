/** What a queued event asks for, for people. */
import type { RunQueueEvent } from '../state/events.js';
import type { BundleID, KRef, VatID } from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import { describeMethod } from '../types/readable-data.js';

export interface EventDetail {
  readonly type: RunQueueEvent['type'];
  /** The object or promise that gets the message, or the promise that the vat hears about. */
  readonly target?: KRef;
  /** Of a message. A vat chose it. */
  readonly method?: string;
  /** The promise for the message's result; null for a message that wants none. */
  readonly result?: KRef | null;
  /** The vat that the event is about, if it is no message. */
  readonly vatID?: VatID;
  /** The code of an upgrade or of a new vat. */
  readonly bundleID?: BundleID;
}

/** @param methodOf - names the method of a message; undefined leaves it out */
export const describeEvent = (
  event: RunQueueEvent,
  methodOf: (methargs: CapData) => string | undefined = describeMethod,
): EventDetail => {
  const { type } = event;
  switch (type) {
    case 'send': {
      const { methargs, result = null } = event.msg;
      const method = methodOf(methargs);
      return { type, target: event.target, ...(method !== undefined && { method }), result };
    }
    case 'notify':
      return { type, vatID: event.vatID, target: event.kpid };
    case 'create-vat':
      return { type, vatID: event.vatID, bundleID: event.source.bundleID };
    case 'upgrade-vat':
      return { type, vatID: event.vatID, bundleID: event.bundleID };
    case 'startVat':
    case 'restart-vat':
    case 'changeVatOptions':
    case 'bringOutYourDead':
    case 'terminate-vat':
    case 'suspend-vat':
    case 'resume-vat':
      return { type, vatID: event.vatID };
    default:
      return event satisfies never;
  }
};
