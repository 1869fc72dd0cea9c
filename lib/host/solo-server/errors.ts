/** Why the solo server refuses a request, or ends. */
import { SwingsetError, errorText } from '../../errors.js';

/** Too much waits already. The same request may succeed later. */
export class SoloQueueFullError extends SwingsetError {
  readonly code = 'SOLO_QUEUE_FULL';
  constructor(
    readonly what: string,
    readonly waiting: number,
    readonly limit: number,
  ) {
    super(`the queue is full: ${waiting} ${what} wait, of at most ${limit}. Send it again later`);
  }
}

/** The server ends: it was stopped, or its kernel failed. What was not answered is not committed. */
export class SoloServerStoppedError extends SwingsetError {
  readonly code = 'SOLO_SERVER_STOPPED';
  constructor(reason?: unknown) {
    const why = reason === undefined ? 'it was stopped' : errorText(reason);
    super(`the server takes no more work: ${why}`, { cause: reason });
  }
}

/** The file that says where the server of a home listens is missing, stale or unreadable. */
export class SoloServerNotFoundError extends SwingsetError {
  readonly code = 'SOLO_SERVER_NOT_FOUND';
  constructor(
    readonly home: string,
    problem: string,
  ) {
    super(`no server runs for ${home}: ${problem}. Start one with \`swingset-kernel start\``);
  }
}

/** The file with the server's token can't be used. */
export class SoloTokenError extends SwingsetError {
  readonly code = 'SOLO_TOKEN';
  constructor(
    readonly path: string,
    problem: string,
  ) {
    super(`${path}: ${problem}. Delete the file, and the next start makes a new token`);
  }
}
