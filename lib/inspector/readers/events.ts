/** Events of queues, for the page. */
import { referencesOf, referencesOfMessage, type RunQueueEvent } from '../../state/events.js';
import type { QueuePage } from '../../state/pages.js';
import type { KRef } from '../../types/ids.js';
import type { CapData, Message } from '../../types/messages.js';
import type { EventAnswer, QueueAnswer } from '../answers.js';
import { dataAnswer, methodOf } from './text.js';

const MOST_REFS = 1_000;

const refsOf = (refs: readonly KRef[]): readonly KRef[] => [...new Set(refs)].slice(0, MOST_REFS);

export const describeMessage = (
  target: string | null,
  message: Message<KRef>,
  refs = referencesOfMessage(message),
): EventAnswer => ({
  type: 'send',
  target,
  method: methodOf(message.methargs.body),
  result: message.result ?? null,
  data: dataAnswer(message.methargs),
  refs: refsOf(refs),
});

const dataOf = (event: Exclude<RunQueueEvent, { type: 'send' }>): CapData | undefined => {
  if ('vatParameters' in event) return event.vatParameters;
  return event.type === 'terminate-vat' ? event.reason : undefined;
};

const describeEvent = (event: RunQueueEvent): EventAnswer => {
  if (event.type === 'send') return describeMessage(event.target, event.msg, referencesOf(event));
  const data = dataOf(event);
  return {
    type: event.type,
    target: event.vatID,
    method: null,
    result: event.type === 'notify' ? event.kpid : null,
    data: data ? dataAnswer(data) : null,
    refs: refsOf(referencesOf(event)),
  };
};

export const describeQueue = (
  { length, events }: QueuePage<RunQueueEvent>,
  from: number,
): QueueAnswer => ({ length, from, events: events.map(describeEvent) });
