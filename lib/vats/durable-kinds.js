// @ts-check
/**
 * Durable kinds and stores, taken directly from the vat's `VatData` global.
 *
 * Every boot that restarts vats starts the system vats. Without `@agoric/vat-data` and what it
 * imports, their bundles are a fraction of the size. The baggage keys are those of that package
 * (`<tag>_kindHandle`, `<tag>_singleton`), so a vat can take over the baggage of an incarnation
 * that used it.
 *
 * @import { Baggage, DurableKindHandle, VatData } from '@agoric/swingset-liveslots'
 */

/**
 * Outside vats the module still loads, for those that import it and never use it.
 *
 * @type {VatData}
 */
const VatData = /** @type {any} */ (globalThis).VatData ?? {};

const { defineDurableKind, defineDurableKindMulti, makeKindHandle } = VatData;
export const {
  makeScalarBigMapStore,
  makeScalarBigSetStore,
  makeScalarBigWeakMapStore,
  providePromiseWatcher,
  watchPromise,
} = VatData;

/**
 * The value under `key`. The first incarnation makes and stores it.
 *
 * @template T
 * @param {Baggage} baggage
 * @param {string} key
 * @param {() => T} make
 * @returns {T}
 */
export const provide = (baggage, key, make) => {
  if (!baggage.has(key)) baggage.init(key, make());
  return baggage.get(key);
};

/**
 * @param {Baggage} baggage
 * @param {string} tag
 * @returns {DurableKindHandle}
 */
export const provideKindHandle = (baggage, tag) =>
  provide(baggage, `${tag}_kindHandle`, () => makeKindHandle(tag));

/**
 * @template Context
 * @typedef {Record<string | symbol, (context: Context, ...args: any[]) => unknown>} Methods
 */

/**
 * @template {any[]} Args
 * @template State
 * @param {Baggage} baggage
 * @param {string} tag
 * @param {(...args: Args) => State} init
 * @param {Methods<{ state: State, self: any }>} methods
 * @returns {(...args: Args) => any}
 */
export const prepareKind = (baggage, tag, init, methods) =>
  defineDurableKind(provideKindHandle(baggage, tag), init, methods);

/**
 * A kind whose instances have several facets. Liveslots numbers facets by name, so an upgrade must
 * keep their names.
 *
 * @template {any[]} Args
 * @template State
 * @param {Baggage} baggage
 * @param {string} tag
 * @param {(...args: Args) => State} init
 * @param {Record<string, Methods<{ state: State, facets: Record<string, any> }>>} facets
 * @returns {(...args: Args) => Record<string, any>}
 */
export const prepareKindMulti = (baggage, tag, init, facets) =>
  defineDurableKindMulti(provideKindHandle(baggage, tag), init, /** @type {any} */ (facets));

/**
 * The only instance of a kind without state.
 *
 * @param {Baggage} baggage
 * @param {string} tag
 * @param {Methods<{ self: any }>} methods
 * @returns {any}
 */
export const provideSingleton = (baggage, tag, methods) => {
  const make = prepareKind(baggage, tag, () => ({}), methods);
  return provide(baggage, `${tag}_singleton`, make);
};
