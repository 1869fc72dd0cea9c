/** One operation on a swingset, and its effect on the model. */
import { isDeepStrictEqual } from 'node:util';
import type { SwingsetController } from '../../lib/controller/types.js';
import type { Model, Settlement, VatModel } from './model.js';
import type { Random } from '../support/random.js';

/** The resolution of a host's promise: its value, and the krefs that it mentions. */
export interface Answer {
  readonly status: 'fulfilled' | 'rejected';
  readonly value: unknown;
  readonly slots: readonly string[];
}

export interface Operation {
  readonly kind: string;
  /** Locks: exclusive (`vat:p1`) or shared (`~vat:p1`). */
  readonly locks: readonly string[];
  /** The target vat. While it is down, the operation waits. */
  readonly at?: VatModel;
  /** Returns the promise for the answer, if there is one. */
  readonly send: (controller: SwingsetController) => string | undefined | Promise<undefined>;
  /**
   * Compares the answer with the model, and updates the model. `answer` is undefined if it was lost.
   */
  readonly apply: (answer: Answer | undefined) => void;
}

/** Proposes an operation, or undefined if nothing is there to do it to. */
export type Proposal = (model: Model, random: Random) => Operation | undefined;

export class SoakFailure extends Error {}

const show = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? `${inner}n` : inner,
  ) ?? 'undefined';

export const expectEqual = (what: string, actual: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(actual, expected)) {
    throw new SoakFailure(`${what}: ${show(actual)} instead of ${show(expected)}`);
  }
};

export const expectOneOf = (what: string, actual: unknown, allowed: readonly unknown[]): void => {
  if (!allowed.some(each => isDeepStrictEqual(actual, each))) {
    throw new SoakFailure(`${what}: ${show(actual)} is none of ${show(allowed)}`);
  }
};

/** The driver answers with the settlement of what it did. */
export const settlementOf = (answer: Answer): readonly unknown[] => {
  if (answer.status !== 'fulfilled') {
    throw new SoakFailure(`the driver failed: ${String(answer.value)} ${show(answer.value)}`);
  }
  return answer.value as readonly unknown[];
};

export const expectSettlement = (
  what: string,
  answer: Answer | undefined,
  expected: Settlement,
): void => {
  if (answer) expectEqual(what, settlementOf(answer), expected);
};

export const isSuccess = (answer: Answer): boolean => settlementOf(answer)[0] === 'fulfilled';

export const expectProblem = (what: string, actual: unknown, pattern: RegExp): void => {
  const [status, problem] = actual as readonly unknown[];
  if (status !== 'rejected' || typeof problem !== 'string' || !pattern.test(problem)) {
    throw new SoakFailure(`${what}: ${show(actual)} is no rejection like ${String(pattern)}`);
  }
};

/** An operation that calls a method of the driver. */
export const ask = (
  kind: string,
  locks: readonly string[],
  [method, ...args]: readonly [string, ...unknown[]],
  apply: Operation['apply'],
  at?: VatModel,
): Operation => ({
  kind,
  locks,
  ...(at && { at }),
  send: controller => controller.queueToVatRoot('driver', method, args),
  apply,
});

export const areCompatible = (taken: readonly string[], wanted: readonly string[]): boolean =>
  wanted.every(lock =>
    taken.every(
      other =>
        lock.replace(/^~/, '') !== other.replace(/^~/, '') ||
        (lock.startsWith('~') && other.startsWith('~')),
    ),
  );

export const fulfilled: Settlement = ['fulfilled', undefined];

export const upVats = (model: Model): VatModel[] =>
  [...model.vats.values()].filter(vat => !vat.isDown);
