/** A vat that does what a test tells it: ends, holds, makes promises and objects that log calls. */
import { Fail, q } from '@endo/errors';
import { E, Far } from '@endo/far';
import { makePromiseKit } from '@endo/promise-kit';
import { makeCallLogs } from './call-logs.js';

/**
 * @typedef {[target: unknown, method: string, ...args: unknown[]]} Send
 * @typedef {{
 *   exitVat(completion: unknown): void,
 *   exitVatWithFailure(reason: Error): void,
 * }} ExitPowers
 */

/** @param {Send} send */
const sendLast = ([target, method, ...args]) => {
  void (/** @type {any} */ (E(target))[method](...args));
};

/** A promise kit whose rejection nobody needs to handle. */
const makeQuietKit = () => {
  const kit = makePromiseKit();
  kit.promise.catch(() => {});
  return kit;
};

/**
 * The methods of a puppet's root object.
 *
 * @param {ExitPowers} vatPowers
 * @param {{ init(key: string, value: unknown): void }} baggage
 */
export const makeReflectionMethods = (vatPowers, baggage) => {
  const { makeRemotable, callsOf } = makeCallLogs();
  /** @type {unknown[]} */
  const held = [];
  let heldInBaggage = 0;

  return {
    /**
     * Ends the vat, after one last message if there is one.
     *
     * @param {unknown} completion
     * @param {Send} [finalSend]
     */
    dieHappy: (completion, finalSend) => {
      vatPowers.exitVat(completion);
      if (finalSend) sendLast(finalSend);
    },

    /**
     * @param {unknown} reason
     * @param {Send} [finalSend]
     */
    dieSad: (reason, finalSend) => {
      vatPowers.exitVatWithFailure(/** @type {Error} */ (reason));
      if (finalSend) sendLast(finalSend);
    },

    /** Keeps values under `held-0`, `held-1`, …; returns how many the baggage holds. */
    holdInBaggage: (/** @type {unknown[]} */ ...values) => {
      for (const value of values) {
        baggage.init(`held-${heldInBaggage}`, value);
        heldInBaggage += 1;
      }
      return heldInBaggage;
    },

    /** Keeps values in RAM; returns how many are there. */
    holdInHeap: (/** @type {unknown[]} */ ...values) => held.push(...values),

    makePromiseKit: () => {
      const { promise, resolve, reject } = makeQuietKit();
      return harden({ promise, resolver: Far('resolver', { resolve, reject }) });
    },

    makeUnsettledPromise: () => makeQuietKit().promise,

    makeRemotable,

    /** The calls of an object of `makeRemotable`. */
    getCallLogForRemotable: (/** @type {unknown} */ remotable) =>
      callsOf(remotable) ?? Fail`unknown remotable ${q(remotable)}`,
  };
};
harden(makeReflectionMethods);

/**
 * @param {ExitPowers} vatPowers
 * @param {unknown} _vatParameters
 * @param {{ init(key: string, value: unknown): void }} baggage
 */
export const buildRootObject = (vatPowers, _vatParameters, baggage) =>
  Far('root', makeReflectionMethods(vatPowers, baggage));
harden(buildRootObject);
