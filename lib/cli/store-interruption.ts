/** Ctrl-C for commands that must clear away what they began. */
import { SwingsetError } from '../errors.js';

/** The user stopped a command; it left nothing half done. */
export class InterruptedError extends SwingsetError {
  readonly code = 'INTERRUPTED';
  constructor(signalName: string) {
    super(`stopped by ${signalName}; nothing was left half done`);
  }
}

interface SignalSource {
  once(signal: 'SIGINT' | 'SIGTERM', listener: (signal: string) => void): unknown;
}

/** A signal that the first SIGINT or SIGTERM aborts; the second ends the process as ever. */
export const listenForInterruption = (source: SignalSource): AbortSignal => {
  const controller = new AbortController();
  const abort = (name: string): void => {
    controller.abort(new InterruptedError(name));
  };
  source.once('SIGINT', abort);
  source.once('SIGTERM', abort);
  return controller.signal;
};
