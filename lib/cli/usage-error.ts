import { SwingsetError } from '../errors.js';

/** The command line makes no sense: exit code 2. */
export class UsageError extends SwingsetError {
  readonly code = 'USAGE';

  /**
   * @param command - The command whose help says what is allowed, `swingset-kernel store copy`.
   *   Undefined: the one that was given, or all commands if none was.
   */
  constructor(
    message: string,
    readonly command?: string,
  ) {
    super(message);
  }
}
