/** Texts of vats for the page: cut, and nothing else. The page shows them as text. */
import type { CapData } from '../../types/messages.js';
import { describeMethod } from '../../types/readable-data.js';
import type { DataAnswer, Text } from '../answers.js';

/** Characters of a text in a list. */
const SHORT = 2_000;

/** Characters of a text on a page of its own. */
export const LONG = 200_000;

export const cut = (text: string, length = SHORT): Text => ({
  text: text.slice(0, length),
  length: text.length,
});

/** Slots of one body that the page gets. */
const MOST_SLOTS = 1_000;

export const dataAnswer = ({ body, slots }: CapData, length = SHORT): DataAnswer => ({
  body: cut(body, length),
  slots: slots.slice(0, MOST_SLOTS),
});

/** Messages that are longer are not read for a list. */
const MAX_READ = 100_000;

/** The method of a message, as the kernel's errors name it. Undefined if the message is too long. */
export const methodOf = (methargs: CapData): string | undefined =>
  methargs.body.length > MAX_READ ? undefined : describeMethod(methargs);

/** The result of a message, as the solo server keeps it: a value as JSON, a reason as its text. */
export const textOfResult = (status: 'fulfilled' | 'rejected', value: unknown): string =>
  status === 'rejected' ? String(value) : JSON.stringify(value ?? null);
