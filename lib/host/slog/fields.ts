/** Reads fields of slog entries, which may be of any type. */
import type { SlogEntry } from '../../types/slog.js';

export const numberOf = (entry: SlogEntry, field: string): number | undefined => {
  const value = entry[field];
  return typeof value === 'number' ? value : undefined;
};

export const textOf = (entry: SlogEntry, field: string): string | undefined => {
  const value = entry[field];
  return typeof value === 'string' ? value : undefined;
};

/** Of a block's begin or end, in the slogs of this project's hosts and of cosmic-swingset. */
export const blockHeightOf = (entry: SlogEntry): number | undefined =>
  entry.type.includes('block')
    ? (numberOf(entry, 'blockHeight') ?? numberOf(entry, 'height'))
    : undefined;

/** The outcome in a `deliver-result`: `[status, problem, { compute }]`. */
export const deliveryResultOf = (
  entry: SlogEntry,
): { readonly failed: boolean; readonly computrons: number } => {
  const { dr } = entry;
  const [status, , usage] = (Array.isArray(dr) ? dr : []) as readonly unknown[];
  const { compute } = (usage ?? {}) as { readonly compute?: unknown };
  return { failed: status === 'error', computrons: typeof compute === 'number' ? compute : 0 };
};
