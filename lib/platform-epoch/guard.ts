/**
 * The guard: vats that a worker of the running engine could not continue are refused before any
 * replay can go wrong, and what else differs is said (design.md 4, «Guard»).
 */
import type { EpochParts } from './live-vats.js';
import { comparePlatforms } from '../platform/compare-platforms.js';
import type { VatID } from '../types/ids.js';
import { PlatformMismatchError } from './errors.js';
import type { PlatformEpochDecision } from './types.js';

/** What to do when the engine differs and the epoch has not advanced. */
export type PlatformGuard = 'refuse' | 'warn' | 'off';

interface BoundVat {
  readonly vatID: VatID;
  readonly engine: string | undefined;
}

/** Vats that an engine has to continue. A swingset without any cares for none. */
const findBoundVats = ({ liveVats }: EpochParts): readonly BoundVat[] =>
  liveVats.list().flatMap(({ vatID }) => {
    const bound = liveVats.boundTo(vatID);
    return bound ? [{ vatID, engine: bound.engine }] : [];
  });

/** The engine that some vat is bound to and that is not the running one. */
const findForeignEngine = (
  { lifecycle: { state, platform } }: EpochParts,
  decision: PlatformEpochDecision,
  bound: readonly BoundVat[],
): string | undefined => {
  if (bound.length === 0) return undefined;
  const recorded = state.platformEpochs.ledger().at(-1)?.fingerprint.engine;
  // Of a restart under way, the vats that are done run on the engine that it began with.
  const engines =
    decision.kind === 'resume' ? [recorded] : [recorded, ...bound.map(({ engine }) => engine)];
  return engines.find(engine => engine !== undefined && engine !== platform.fingerprint.engine);
};

/** The engine apart, which `findForeignEngine` looks for vat by vat. */
const reportOtherParts = (
  { lifecycle: { state, platform, slog } }: EpochParts,
  warn: (message: string) => void,
): void => {
  const last = state.platformEpochs.ledger().at(-1);
  if (!last) return;
  const differences = comparePlatforms(last.fingerprint, platform.fingerprint).filter(
    ({ part }) => part !== 'engine',
  );
  if (differences.length === 0) return;
  slog.write({ type: 'platform-differs', epoch: last.epoch, differences });
  const listed = differences.map(
    ({ part, stored, running }) => `${part} ${running} is installed, not ${stored}`,
  );
  warn(
    `since platform epoch ${last.epoch} began, the platform has changed: ${listed.join('; ')}. ` +
      'Vats keep what they have until a new platformEpoch restarts them; new vats and local ones take what is installed',
  );
};

/** Vats of a store that SwingSet made, as long as no epoch has restarted them. */
const warnOfUnknown = (
  { lifecycle: { platform } }: EpochParts,
  bound: readonly BoundVat[],
  warn: (message: string) => void,
): void => {
  const unknown = bound.filter(({ engine }) => engine === undefined).map(({ vatID }) => vatID);
  if (unknown.length === 0) return;
  const listed = unknown.slice(0, 5).join(', ') + (unknown.length > 5 ? ', …' : '');
  warn(
    `the store does not say which engine ${unknown.length} of its vats run on (${listed}), so nothing tells ` +
      `whether ${platform.fingerprint.engine} can go on with them: restart them with a new platformEpoch, ` +
      'or say what they run on in platformRestart.assumeEngine',
  );
};

/** @throws PlatformMismatchError unless `platformGuard` says otherwise */
export const guardPlatform = (
  parts: EpochParts,
  decision: PlatformEpochDecision,
  platformGuard: PlatformGuard,
  warn: (message: string) => void,
): void => {
  if (platformGuard === 'off') return;
  // What restarts takes the running platform, and so do vats that have never run, with the baseline.
  if (decision.kind === 'advance' || decision.kind === 'baseline') return;
  const bound = findBoundVats(parts);
  const foreign = findForeignEngine(parts, decision, bound);
  if (foreign !== undefined) {
    const error = new PlatformMismatchError(foreign, parts.lifecycle.platform.fingerprint.engine);
    if (platformGuard === 'refuse') throw error;
    warn(error.message);
  }
  reportOtherParts(parts, warn);
  if (decision.kind !== 'resume') warnOfUnknown(parts, bound, warn);
};
