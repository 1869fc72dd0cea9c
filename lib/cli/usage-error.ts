import { SwingsetError } from '../errors.js';

/** The command line makes no sense: exit code 2. */
export class UsageError extends SwingsetError {
  readonly code = 'USAGE';

  /** @param command - The command whose help says what is allowed, `swingset-kernel store copy`. */
  constructor(
    message: string,
    readonly command = 'swingset-kernel',
  ) {
    super(message);
  }
}
