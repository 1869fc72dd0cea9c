// @ts-check
/** Checks what is published and granted, in the chain vat and in those of proposals. */
import { passStyleOf } from '@endo/far';

/** @param {unknown} name */
export const insistName = name => {
  if (typeof name === 'string' && name.length > 0 && name.length <= 256) return;
  throw TypeError('a name must be a text of 1 to 256 characters');
};
harden(insistName);

/** @param {unknown} name @param {unknown} facet */
export const insistFacet = (name, facet) => {
  insistName(name);
  if (passStyleOf(/** @type {any} */ (facet)) === 'remotable') return;
  throw TypeError(`publish(${JSON.stringify(name)}): a facet must be an object of a vat`);
};
harden(insistFacet);
