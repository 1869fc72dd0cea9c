/**
 * The kernel's outlets to people and their tools: the console and the structured log. Progress of a
 * restart is no outlet: a host may stop a boot by throwing in `onRestartProgress`.
 *
 * Invariants
 * 1. An outlet that throws or rejects (a full disk, a closed pipe, a bug of the host) harms neither
 *    the kernel nor a vat. The console shows one warning (issue 10).
 * 2. Text that vats and hosts chose reaches the console without control characters.
 */
import { printableLines } from '../printable.js';
import type { SwingsetRuntimeOptions } from './option-types.js';

export type HostConsole = NonNullable<SwingsetRuntimeOptions['console']>;

const levels = ['log', 'info', 'warn', 'error', 'debug'] as const;

export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value;

/**
 * Calls a function of the host, for whose promise nobody waits, and returns its result.
 * @throws what it throws; what it rejects with is passed on
 */
export const callUnawaited = (
  call: () => unknown,
  onRejection: (error: unknown) => void,
): unknown => {
  const result = call();
  if (isPromise(result)) Promise.resolve(result).catch(onRejection);
  return result;
};

/** Calls a function of the host and returns its result; undefined if it throws. Never fails. */
export const attempt = (call: () => unknown, onFailure: (error: unknown) => void): unknown => {
  try {
    return callUnawaited(call, onFailure);
  } catch (error) {
    onFailure(error);
    return undefined;
  }
};

/**
 * An error with harmless text stays an object, because consoles show more than its text. Other
 * objects stay as well: consoles escape the texts in them.
 */
const shown = (value: unknown): unknown => {
  if (typeof value === 'string') return printableLines(value);
  if (!(value instanceof Error)) return value;
  const text = `${value.name}: ${value.message}\n${value.stack ?? ''}`;
  return printableLines(text) === text ? value : printableLines(value.stack || String(value));
};

/** The host's console, behind both invariants. Its own failures go unreported. */
export const makeSafeConsole = (console: HostConsole): HostConsole => {
  const safe: Partial<HostConsole> = Object.fromEntries(
    levels.map(level => [
      level,
      (...args: unknown[]) =>
        attempt(
          () => console[level](...args.map(shown)),
          () => undefined,
        ),
    ]),
  );
  return { ...console, ...safe };
};

/** A function that warns of a failure of `what`, the first time. */
export const makeWarnOnce = ({
  warn,
}: Pick<Console, 'warn'>): ((what: string, error: unknown) => void) => {
  const told = new Set<string>();
  return (what, error) => {
    if (told.has(what)) return;
    told.add(what);
    warn(`${what} failed. The kernel continues, and does not repeat this warning:`, error);
  };
};

/** Wraps a listener of the host so that it can't fail; `what` is its option. */
export const makeSafeListener = <A extends unknown[]>(
  what: string,
  listener: (...args: A) => unknown,
  log: Pick<Console, 'warn'>,
): ((...args: A) => void) => {
  const warnOnce = makeWarnOnce(log);
  return (...args) => {
    attempt(
      () => listener(...args),
      error => warnOnce(what, error),
    );
  };
};
