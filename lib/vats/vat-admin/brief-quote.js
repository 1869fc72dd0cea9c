// @ts-check
import { q } from '@endo/errors';
import { brief } from '../brief.js';

/**
 * As `q` of `@endo/errors`, but of bounded length: vat-admin would be ended for an error that is too
 * long to send.
 *
 * @param {unknown} value
 */
export const briefQuote = value => {
  const text = `${q(value)}`;
  const shorter = brief(text);
  return shorter === text ? q(value) : q(shorter);
};
harden(briefQuote);
