import { SwingsetError } from '../errors.js';

/** The command line makes no sense: exit code 2. */
export class UsageError extends SwingsetError {
  readonly code = 'USAGE';
}
