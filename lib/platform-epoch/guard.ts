/**
 * The guard refuses vats that the running engine can't continue, before a replay can go wrong. It
 * warns of other differences between the platforms (design.md 4, "Guard").
 */
import type { PlanParts } from './live-vats.js';
import { comparePlatforms } from '../platform/compare-platforms.js';
import type { VatID } from '../types/ids.js';
import { PlatformMismatchError } from './errors.js';
import type { PlatformEpochDecision } from './types.js';

/** What to do if the engine differs and the epoch has not advanced. */
export type PlatformGuard = 'refuse' | 'warn' | 'off';

interface BoundVat {
  readonly vatID: VatID;
  readonly engine: string | undefined;
}

/** The vats that an engine must continue. Without any, every engine will do. */
const findBoundVats = ({ liveVats }: PlanParts): readonly BoundVat[] =>
  liveVats.list().flatMap(({ vatID }) => {
    const bound = liveVats.boundTo(vatID);
    return bound ? [{ vatID, engine: bound.engine }] : [];
  });

/** The engine of a vat that the running engine can't continue. */
const findForeignEngine = (
  { lifecycle: { state, platform } }: PlanParts,
  decision: PlatformEpochDecision,
  bound: readonly BoundVat[],
): string | undefined => {
  if (bound.length === 0) return undefined;
  const recorded = state.platformEpochs.ledger().at(-1)?.fingerprint.engine;
  // In an unfinished restart, the vats that are done run on the engine of its record. Otherwise vats
  // say what they run on: since the epoch began, some may have started on another engine, which
  // nothing ruled out while no vat was bound to one.
  const engines =
    decision.kind === 'resume' ? [recorded] : bound.map(({ engine }) => engine ?? recorded);
  return engines.find(engine => engine !== undefined && engine !== platform.fingerprint.engine);
};

/** All parts but the engine, which `findForeignEngine` checks vat by vat. */
const reportOtherParts = (
  { lifecycle: { state, platform, slog } }: PlanParts,
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

/** Warns of the vats of a store that SwingSet made and that no epoch has restarted. */
const warnOfUnknown = (
  { lifecycle: { platform } }: PlanParts,
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
  parts: PlanParts,
  decision: PlatformEpochDecision,
  platformGuard: PlatformGuard,
  warn: (message: string) => void,
): void => {
  if (platformGuard === 'off') return;
  // An advance restarts the vats on the running platform. At a baseline, none has run yet.
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
