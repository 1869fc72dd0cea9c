/**
 * Makes ava show why a test failed under lockdown. Lockdown hides stacks and details of errors
 * from ava's report; the console shows them.
 *
 * Boundary: takes ava's `test` as an argument and imports nothing of ava.
 */

type Implementation = (t: unknown, ...args: unknown[]) => unknown;
type AnyFunction = (...args: unknown[]) => unknown;

const report = (error: unknown): never => {
  console.error('test failed:', error);
  throw error;
};

const reportFailure =
  (run: Implementation): Implementation =>
  (t, ...args) => {
    let result: unknown;
    try {
      result = run(t, ...args);
    } catch (error) {
      return report(error);
    }
    const isPromise = typeof (result as Partial<Promise<unknown>> | undefined)?.then === 'function';
    return isPromise ? (result as Promise<unknown>).catch(report) : result;
  };

/** `test(title, implementation)` or `test(implementation)`; a macro of ava is an object. */
const wrapArguments = (args: readonly unknown[]): unknown[] =>
  args.map((arg, index) =>
    index < 2 && typeof arg === 'function' ? reportFailure(arg as Implementation) : arg,
  );

/** Declarations of tests, and those that declare more: `test.serial.only`. `macro` and `meta` don't. */
const PLAIN = ['macro', 'meta'];

/** A `test` that works like the one given and prints the error of each failure. */
export const wrapTest = <T extends object>(test: T): T => {
  const handler: ProxyHandler<T> = {
    apply: (target, self, args: unknown[]): unknown =>
      Reflect.apply(target as T & AnyFunction, self, wrapArguments(args)),
    get: (target, name): unknown => {
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' && !PLAIN.includes(String(name)) ? wrapTest(value) : value;
    },
  };
  return new Proxy(test, handler);
};
