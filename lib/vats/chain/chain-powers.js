// @ts-check
/**
 * The powers of a proposal over the chain vat: `publish`, `unpublish`, `lookup` and `grantPowers`.
 *
 * Objects that the proposal's own code makes end with its vat, so they can be neither published nor
 * granted.
 */
import { E, Far, passStyleOf } from '@endo/far';
import { insistFacet, insistName } from './names.js';

/** @typedef {'publish' | 'unpublish' | 'lookup' | 'grantPowers'} ChainPower */

/** @type {readonly ChainPower[]} */
export const CHAIN_POWERS = harden(['publish', 'unpublish', 'lookup', 'grantPowers']);

/** @param {any} value */
const isPromise = value => passStyleOf(value) === 'promise';

/** @param {any} chain the chain vat's root */
export const makeChainPowers = chain => {
  /** @type {WeakSet<object>} */
  const ownObjects = new WeakSet();
  /** @type {Promise<unknown>[]} */
  const calls = [];

  /** @type {typeof Far} */
  const noteFar = (iface, methods) => {
    const object = Far(iface, methods);
    ownObjects.add(object);
    return object;
  };

  /** @param {any} value @param {string} operation */
  const insistLasting = (value, operation) => {
    if (ownObjects.has(value)) {
      throw TypeError(
        `${operation}: the object ends with the vat of this proposal; make a vat for what shall last`,
      );
    }
    const style = passStyleOf(value);
    if (style !== 'copyRecord' && style !== 'copyArray') return;
    for (const each of Object.values(value)) insistLasting(each, operation);
  };

  /** The proposal waits for the call. @template T @param {Promise<T>} call */
  const track = call => {
    // It is heard at the end, unless the code fails first.
    call.catch(() => {});
    calls.push(call);
    return call;
  };

  /** @param {string} name @param {any} facet */
  const publishNow = (name, facet) => {
    insistFacet(name, facet);
    insistLasting(facet, `publish(${JSON.stringify(name)})`);
    return E(chain).publish(name, facet);
  };
  /** @param {Record<string, any>} record */
  const grantNow = record => {
    for (const [name, value] of Object.entries(record)) {
      insistName(name);
      insistLasting(value, `grantPowers(${JSON.stringify(name)})`);
    }
    return E(chain).grantPowers(harden(record));
  };

  /** @type {Record<ChainPower, (...args: any[]) => Promise<any>>} */
  const powers = {
    /** @param {string} name @param {any} facet an object, or a promise for one */
    publish(name, facet) {
      const given = harden(facet);
      return track(
        isPromise(given)
          ? given.then((/** @type {any} */ each) => publishNow(name, each))
          : publishNow(name, given),
      );
    },
    /** @param {string} name */
    unpublish: name => track(E(chain).unpublish(name)),
    /** @param {string} name */
    lookup: name => E(chain).lookup(name),
    /** @param {Record<string, any>} record its fields may be promises */
    grantPowers(record) {
      const entries = Object.entries(harden(record));
      const settle = async () => {
        const values = await Promise.all(entries.map(([, value]) => value));
        return grantNow(Object.fromEntries(entries.map(([name], at) => [name, values[at]])));
      };
      const hasPromises = entries.some(([, value]) => isPromise(value));
      return track(hasPromises ? settle() : grantNow(record));
    },
  };

  return harden({
    powers,
    Far: noteFar,
    /** Rejects when one of the calls has failed. */
    finishCalls: async () => {
      // Later calls may come while it waits.
      for (let index = 0; index < calls.length; index += 1) await calls[index];
    },
  });
};
harden(makeChainPowers);
