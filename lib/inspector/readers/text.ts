/** Texts of vats for the page: cut, and nothing else. The page shows them as text. */
import type { CapData } from '../../types/messages.js';
import type { DataAnswer, Text } from '../answers.js';

/** Characters of a text in a list. */
const SHORT = 2_000;

/** Characters of a text on a page of its own. */
export const LONG = 200_000;

const cut = (text: string, length = SHORT): Text => ({
  text: text.slice(0, length),
  length: text.length,
});

/** Slots of one body that the page gets. */
const MOST_SLOTS = 1_000;

export const dataAnswer = ({ body, slots }: CapData, length = SHORT): DataAnswer => ({
  body: cut(body, length),
  slots: slots.slice(0, MOST_SLOTS),
});

/** Bodies that are longer are not parsed. */
const MAX_PARSED = 100_000;

const nameOfMethod = (method: unknown): string | null => {
  // Smallcaps: `%` before the name of a symbol, `!` before a text that begins with a special sign.
  if (typeof method === 'string') return method.startsWith('!') ? method.slice(1) : method;
  const { '@qclass': kind, name } = (method ?? {}) as Record<string, unknown>;
  return kind === 'symbol' && typeof name === 'string' ? name : null;
};

/** The method of marshalled `[method, args]`, or null for a call of a function and for nonsense. */
export const methodOf = (body: string): string | null => {
  if (body.length > MAX_PARSED) return null;
  try {
    const methargs: unknown = JSON.parse(body.startsWith('#') ? body.slice(1) : body);
    return Array.isArray(methargs) ? nameOfMethod(methargs[0]) : null;
  } catch {
    return null;
  }
};
