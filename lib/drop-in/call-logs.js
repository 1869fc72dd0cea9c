/** Objects that answer as a test says, and log their calls. */
import { Far } from '@endo/far';

/** @typedef {[name: string, ...args: unknown[]][]} CallLog */

export const makeCallLogs = () => {
  /** @type {Map<unknown, CallLog>} */
  const logs = new Map();

  return harden({
    /**
     * An object with a method for each field, which returns the field's value and logs the call.
     *
     * @param {string} [label]
     * @param {Record<string, unknown>} [fields]
     */
    makeRemotable: (label = 'Remotable', fields = {}) => {
      /** @type {CallLog} */
      const log = [];
      const methods = Object.entries(fields).map(([name, value]) => {
        const method = (/** @type {unknown[]} */ ...args) => {
          log.push([name, ...args]);
          return value;
        };
        return [name, method];
      });
      const remotable = Far(label, Object.fromEntries(methods));
      logs.set(remotable, log);
      return remotable;
    },

    /** The calls so far of an object of `makeRemotable`; undefined for others. */
    callsOf: (/** @type {unknown} */ remotable) => {
      const log = logs.get(remotable);
      return log && harden([...log]);
    },
  });
};
harden(makeCallLogs);
