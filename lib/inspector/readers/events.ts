/** Events of queues, for the page. */
import { describeEvent } from '../../host/event-detail.js';
import { referencesOf, type RunQueueEvent } from '../../state/events.js';
import type { QueuePage } from '../../state/pages.js';
import type { CapData } from '../../types/messages.js';
import type { EventAnswer, QueueAnswer } from '../answers.js';
import { dataAnswer, methodOf } from './text.js';

const MOST_REFS = 1_000;

const dataOf = (event: RunQueueEvent): CapData | undefined => {
  if (event.type === 'send') return event.msg.methargs;
  if ('vatParameters' in event) return event.vatParameters;
  return event.type === 'terminate-vat' ? event.reason : undefined;
};

export const answerEvent = (event: RunQueueEvent): EventAnswer => {
  const {
    type,
    target = null,
    method = null,
    result = null,
    vatID,
  } = describeEvent(event, methodOf);
  const data = dataOf(event);
  return {
    type,
    method,
    // What is no message goes to a vat, and a notification tells it of a promise.
    ...(vatID === undefined ? { target, result } : { target: vatID, result: target }),
    data: data ? dataAnswer(data) : null,
    refs: [...new Set(referencesOf(event))].slice(0, MOST_REFS),
  };
};

export const describeQueue = (
  { length, events }: QueuePage<RunQueueEvent>,
  from: number,
): QueueAnswer => ({ length, from, events: events.map(answerEvent) });
