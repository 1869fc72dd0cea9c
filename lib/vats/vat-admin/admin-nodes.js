// @ts-check
/** An adminNode controls one dynamic vat. Its durable state is the vatID. */
import { prepareExoClass } from '@agoric/vat-data';
import { Fail, b, q } from '@endo/errors';
import { briefQuote } from './brief-quote.js';
import { isReapInterval } from './create-vat-options.js';

/** @import { Baggage } from '@agoric/vat-data' */

/** @type {(bag: Record<string, unknown>, known: string[]) => string[]} */
const namesBeside = (bag, known) => Object.keys(bag).filter(name => !known.includes(name));

/** @param {unknown} answer @param {string} operation @param {string} vatID */
const insistLifted = (answer, operation, vatID) => {
  answer !== false ||
    Fail`${b(operation)}(): the host took ${b(vatID)} out of service, and alone brings it back`;
};

/**
 * @param {object} powers
 * @param {() => any} powers.device returns `D(vatAdminDevice)`
 * @param {(upgradeID: string) => Promise<number>} powers.upgraded returns the incarnation number
 */
export const makeUpgrade =
  ({ device, upgraded }) =>
  /**
   * @param {string} vatID
   * @param {string} bundleID
   * @param {{ vatParameters?: unknown, upgradeMessage?: string }} options
   */
  async (vatID, bundleID, options) => {
    const unknown = namesBeside(options, ['vatParameters', 'upgradeMessage']);
    unknown.length === 0 ||
      Fail`upgrade() received unknown options: ${briefQuote(unknown.join(','))}`;
    const { vatParameters, upgradeMessage = 'vat upgraded' } = options;
    if (typeof upgradeMessage !== 'string') throw TypeError('upgradeMessage not a string');
    const upgradeID = device().upgradeVat(vatID, bundleID, vatParameters, upgradeMessage);
    return harden({ incarnationNumber: await upgraded(upgradeID) });
  };
harden(makeUpgrade);

/**
 * @param {object} powers
 * @param {() => any} powers.device returns `D(vatAdminDevice)`
 * @param {(upgradeID: string) => Promise<number>} powers.upgraded returns the incarnation number
 */
export const makeRestart =
  ({ device, upgraded }) =>
  /**
   * @param {string} vatID
   * @param {{ vatParameters?: unknown, upgradeMessage?: string }} options
   */
  async (vatID, options) => {
    const unknown = namesBeside(options, ['vatParameters', 'upgradeMessage']);
    unknown.length === 0 ||
      Fail`restart() received unknown options: ${briefQuote(unknown.join(','))}`;
    const { vatParameters, upgradeMessage = 'vat restarted' } = options;
    if (typeof upgradeMessage !== 'string') throw TypeError('upgradeMessage not a string');
    const upgradeID = device().restartVat(vatID, upgradeMessage, vatParameters);
    return harden({ incarnationNumber: await upgraded(upgradeID) });
  };
harden(makeRestart);

/**
 * @param {Baggage} baggage
 * @param {object} powers
 * @param {() => any} powers.device returns `D(vatAdminDevice)`
 * @param {(bundlecap: any, complain: (error: unknown) => Error) => string} powers.bundleIDOf throws
 *   the complaint for anything but a bundlecap
 * @param {(vatID: string) => boolean} powers.isRunning does the vat exist, not terminated?
 * @param {(vatID: string) => Promise<unknown>} powers.done
 * @param {ReturnType<typeof makeUpgrade>} powers.upgrade
 * @param {ReturnType<typeof makeRestart>} powers.restart
 * @param {(vatID: string, reason: unknown) => void} powers.terminate
 * @param {() => void} powers.insistServing throws while the service is paused
 * @returns {(vatID: string) => any}
 */
export const prepareAdminNodes = (baggage, powers) => {
  const { device, bundleIDOf, isRunning, done, upgrade, restart, terminate, insistServing } =
    powers;
  /** @param {{ vatID: string }} state @param {string} operation */
  const insistRunning = ({ vatID }, operation) => {
    // SwingSet's message.
    isRunning(vatID) ||
      Fail`vatAdminService rejecting attempt to perform ${q(operation)}() on non-running vat ${q(vatID)}`;
    return vatID;
  };

  return prepareExoClass(
    baggage,
    'adminNode',
    undefined,
    /** @param {string} vatID */
    vatID => ({ vatID }),
    {
      /** Settles when the vat ends: with the vat's exit value, or the reason of its failure. */
      done() {
        return done(insistRunning(this.state, 'done'));
      },
      /** @param {unknown} reason what `done()` rejects with */
      terminateWithFailure(reason) {
        insistServing();
        terminate(insistRunning(this.state, 'terminateWithFailure'), reason);
      },
      /**
       * Replaces the vat's code. If the upgrade fails, this rejects and the vat is unchanged.
       * @param {any} bundlecap
       * @param {{ vatParameters?: unknown, upgradeMessage?: string }} [options]
       */
      async upgrade(bundlecap, options = {}) {
        insistServing();
        const vatID = insistRunning(this.state, 'upgrade');
        const bundleID = bundleIDOf(bundlecap, error => {
          throw Fail`vatAdmin.upgrade() requires a bundlecap: ${error}`;
        });
        return upgrade(vatID, bundleID, options);
      },
      /**
       * Restarts the vat on its present code and the running platform. If it can't start, this
       * rejects and the vat is unchanged. Not in SwingSet.
       * @param {{ vatParameters?: unknown, upgradeMessage?: string }} [options]
       */
      async restart(options = {}) {
        insistServing();
        return restart(insistRunning(this.state, 'restart'), options);
      },
      /** @param {{ reapInterval?: number | 'never' }} options */
      changeOptions(options) {
        insistServing();
        const vatID = insistRunning(this.state, 'changeOptions');
        const [unknown] = namesBeside(options, ['reapInterval']);
        unknown === undefined || Fail`invalid option ${briefQuote(unknown)}`;
        const { reapInterval } = options;
        reapInterval === undefined ||
          isReapInterval(reapInterval) ||
          Fail`invalid reapInterval value ${briefQuote(reapInterval)}`;
        device().changeOptions(vatID, options);
      },
      /** Ends the incarnation. Deliveries wait, in order, until `resume()`. */
      suspend() {
        device().suspendVat(insistRunning(this.state, 'suspend'));
      },
      /** Starts a new incarnation of a suspended vat. */
      resume() {
        const vatID = insistRunning(this.state, 'resume');
        insistLifted(device().resumeVat(vatID), 'resume', vatID);
      },
      /** Sets deliveries aside until `unpause()`. The incarnation stays. */
      pause() {
        device().pauseVat(insistRunning(this.state, 'pause'));
      },
      unpause() {
        const vatID = insistRunning(this.state, 'unpause');
        insistLifted(device().unpauseVat(vatID), 'unpause', vatID);
      },
    },
  );
};
harden(prepareAdminNodes);
