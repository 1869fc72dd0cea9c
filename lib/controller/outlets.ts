/**
 * Where the kernel speaks to people and their tools: the console and the structured log. (Progress
 * of a restart is not among them: a host may stop a boot by throwing in `onRestartProgress`.)
 *
 * Invariants
 * 1. An outlet that fails (a full disk, a closed pipe, a bug of the host's) harms neither the kernel
 *    nor a vat, whether it throws or rejects. The console hears of it once (issue 10).
 * 2. What vats and hosts chose to say reaches the console without anything that a terminal obeys.
 */
import { printableLines } from '../printable.js';
import type { SwingsetRuntimeOptions } from './option-types.js';

type HostConsole = NonNullable<SwingsetRuntimeOptions['console']>;

const levels = ['log', 'info', 'warn', 'error', 'debug'] as const;

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value;

/** Calls something of the host's, and never fails. */
const attempt = (call: () => unknown, onFailure: (error: unknown) => void): void => {
  try {
    const result = call();
    if (isPromise(result)) Promise.resolve(result).catch(onFailure);
  } catch (error) {
    onFailure(error);
  }
};

/**
 * An error that says nothing harmful stays an object: consoles know more of it than its text. Other
 * objects stay as well, because consoles show the texts in them as in source code.
 */
const shown = (value: unknown): unknown => {
  if (typeof value === 'string') return printableLines(value);
  if (!(value instanceof Error)) return value;
  const text = `${value.name}: ${value.message}\n${value.stack ?? ''}`;
  return printableLines(text) === text ? value : printableLines(value.stack || String(value));
};

/** The host's console behind both invariants. There is nobody to tell that it failed. */
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

/** A listener of the host's that can't fail; `what` is its option. */
export const makeSafeListener = <A extends unknown[]>(
  what: string,
  listener: (...args: A) => unknown,
  { warn }: Pick<Console, 'warn'>,
): ((...args: A) => void) => {
  let told = false;
  const tell = (error: unknown): void => {
    if (told) return;
    told = true;
    warn(`${what} failed; the kernel goes on, and does not repeat this warning:`, error);
  };
  return (...args) => attempt(() => listener(...args), tell);
};
