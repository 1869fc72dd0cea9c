/** What JavaScript can pass and JSON can't, written as words in an input. */
import { Finding } from './oracle.js';
import type { Input } from './target.js';

const cycle = (): unknown => {
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  return loop;
};

/** By the word that stands for it. */
const SPECIAL: Readonly<Record<string, () => unknown>> = {
  '~undefined~': () => undefined,
  '~NaN~': () => NaN,
  '~Infinity~': () => Infinity,
  '~-0~': () => -0,
  '~bigint~': () => 7n,
  '~symbol~': () => Symbol('fuzz'),
  '~function~': () => () => undefined,
  '~cycle~': cycle,
  '~date~': () => new Date(0),
  '~map~': () => new Map([['a', 1]]),
  '~bytes~': () => new Uint8Array(3),
  '~promise~': () => Promise.resolve(1),
  '~null prototype~': () => Object.assign(Object.create(null) as object, { a: 1 }),
  '~throwing getter~': () => ({
    get a(): never {
      throw RangeError('a getter of the caller');
    },
  }),
  '~revoked~': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  '~holes~': () => Array(2),
};

export const SPECIAL_WORDS: readonly string[] = Object.keys(SPECIAL);

/** The input with special values in the places of their words. */
export const withSpecials = (input: Input): unknown => {
  if (typeof input === 'string') return Object.hasOwn(SPECIAL, input) ? SPECIAL[input]!() : input;
  if (Array.isArray(input)) return (input as readonly Input[]).map(withSpecials);
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, withSpecials(value)]),
  );
};

/** Errors that the caller's own getters and proxies throw. */
export const isCallersOwn = (error: unknown): boolean =>
  (error instanceof Finding ? error.cause : error) instanceof Error &&
  /getter of the caller|proxy that has been revoked/.test(String((error as Error).message));
