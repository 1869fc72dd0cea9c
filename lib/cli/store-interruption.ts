/** Ctrl-C, and a terminal that closes, for commands that must clean up before they end. */
import { SwingsetError } from '../errors.js';

/** The user stopped a command, and it left nothing half done. */
export class InterruptedError extends SwingsetError {
  readonly code = 'INTERRUPTED';
  constructor(signalName: string) {
    super(`stopped by ${signalName}; nothing was left half done`);
  }
}

// SIGHUP: the connection of who typed the command broke.
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type SignalName = (typeof SIGNALS)[number];

interface SignalSource {
  on(signal: SignalName, listener: (signal: string) => void): unknown;
  off(signal: SignalName, listener: (signal: string) => void): unknown;
}

/** A signal that the first SIGINT, SIGTERM or SIGHUP aborts. The second one ends the process. */
export const listenForInterruption = (source: SignalSource): AbortSignal => {
  const controller = new AbortController();
  const abort = (name: string): void => {
    SIGNALS.forEach(signal => source.off(signal, abort));
    controller.abort(new InterruptedError(name));
  };
  SIGNALS.forEach(signal => source.on(signal, abort));
  return controller.signal;
};
