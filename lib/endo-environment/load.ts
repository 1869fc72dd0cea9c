/**
 * Loads the marshaller with its defaults, whatever the environment says. endo's modules read the
 * environment when they load, and replicas must agree on what can be passed (issue 10).
 *
 * Boundary: must be imported before anything else that imports `@endo/marshal` or
 * `@endo/pass-style`. The order of these imports is the order of evaluation.
 */
import './hide.js';
import { compareRank, passStyleOf } from '@endo/marshal';
import './restore.js';
import { SwingsetError } from '../errors.js';
import { DECISIVE } from './hide.js';

/** The host loaded endo before this library, with variables that replicas may not have. */
export class EnvironmentError extends SwingsetError {
  readonly code = 'ENVIRONMENT';
  constructor() {
    super(
      `the environment changes what vats can pass to each other: unset ${DECISIVE.join(' and ')}, or import swingset-kernel before @endo/marshal`,
    );
  }
}

/** @throws EnvironmentError if endo's modules don't behave as on every other replica */
export const assertDefaultEnvironment = (): void => {
  let isDefault: boolean;
  try {
    // A lone surrogate is passable, and strings are ordered by code units, not by code points.
    isDefault = passStyleOf('\ud800') === 'string' && compareRank('\uffff', '\u{10000}') > 0;
  } catch {
    isDefault = false;
  }
  if (!isDefault) throw new EnvironmentError();
};
