/** The value of a vat's c-list row: a flag, `R` for reachable or `_`, and the vref. */
import { Fail, q } from '@endo/errors';

/**
 * @param {string} value
 * @returns {{ isReachable: boolean, vatSlot: string }}
 */
export const parseReachableAndVatSlot = value => {
  typeof value === 'string' || Fail`non-string value: ${value}`;
  const found = /^(?<flag>[R_]) (?<vatSlot>.*)$/s.exec(value);
  if (!found?.groups) throw Fail`flag of ${q(value)} must be 'R' or '_', and a space after it`;
  const { flag, vatSlot } = found.groups;
  return { isReachable: flag === 'R', vatSlot: /** @type {string} */ (vatSlot) };
};
harden(parseReachableAndVatSlot);

/**
 * @param {boolean} isReachable
 * @param {string} vatSlot
 */
export const buildReachableAndVatSlot = (isReachable, vatSlot) =>
  `${isReachable ? 'R' : '_'} ${vatSlot}`;
harden(buildReachableAndVatSlot);
