/**
 * The guard: vats that a worker of the running engine could not continue are refused before any
 * replay can go wrong (design.md 4, «Guard»).
 */
import type { PlatformRestartPort } from '../kernel/types.js';
import { PlatformMismatchError } from './errors.js';
import type { PlatformEpochDecision } from './types.js';

/** What to do when the engine differs and the epoch has not advanced. */
export type PlatformGuard = 'refuse' | 'warn' | 'off';

/** The engine that some vat is bound to and that is not the running one. */
const findForeignEngine = (
  port: PlatformRestartPort,
  decision: PlatformEpochDecision,
): string | undefined => {
  // Vats that have never run adopt the running platform with the baseline.
  if (decision.kind === 'advance' || decision.kind === 'baseline') return undefined;
  const recorded = port.epochs.ledger().at(-1)?.fingerprint.engine;
  // Of a restart under way, the vats that are done run on the engine that it began with.
  const engines =
    decision.kind === 'resume'
      ? [recorded]
      : [recorded, ...port.liveVats().map(({ vatID }) => port.engineOf(vatID))];
  return engines.find(
    engine => engine !== undefined && engine !== port.platform.fingerprint.engine,
  );
};

/** @throws PlatformMismatchError unless `platformGuard` says otherwise */
export const guardPlatform = (
  port: PlatformRestartPort,
  decision: PlatformEpochDecision,
  platformGuard: PlatformGuard,
  warn: (message: string) => void,
): void => {
  if (platformGuard === 'off') return;
  const foreign = findForeignEngine(port, decision);
  if (foreign === undefined) return;
  const error = new PlatformMismatchError(foreign, port.platform.fingerprint.engine);
  if (platformGuard === 'refuse') throw error;
  warn(error.message);
};
