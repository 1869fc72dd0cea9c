/**
 * Compares the host's epoch with the ledger (design.md 4, decision table).
 *
 * Boundary: pure. Reads only what is stored and what is given.
 */
import {
  BadPlatformEpochError,
  PlatformEpochKindError,
  PlatformEpochRegressionError,
  PlatformRestartNotAllowedError,
  PlatformRestartUnfinishedError,
} from './errors.js';
import type {
  PlatformEpoch,
  PlatformEpochKind,
  PlatformEpochRecord,
} from '../types/platform-epoch.js';
import type { PlatformRestartOptions } from './restart-options.js';
import type { PlatformEpochDecision } from './types.js';

const MAX_LENGTH = 256;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

export const kindOf = (epoch: PlatformEpoch): PlatformEpochKind =>
  typeof epoch === 'number' ? 'number' : 'name';

/** @throws BadPlatformEpochError that names the value. */
export const insistPlatformEpoch = (value: unknown): PlatformEpoch => {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new BadPlatformEpochError(value, 'a non-negative safe integer');
  }
  if (typeof value !== 'string') throw new BadPlatformEpochError(value, 'a string or a number');
  if (value === '') throw new BadPlatformEpochError(value, 'a non-empty name');
  if (value.length > MAX_LENGTH || UNPRINTABLE.test(value)) {
    throw new BadPlatformEpochError(value, `at most ${MAX_LENGTH} printable characters`);
  }
  return value;
};

/**
 * A resume and an advance over an unfinished epoch need no empty queue, because a restart queues
 * notifications itself.
 */
export const needsEmptyQueue = (
  decision: PlatformEpochDecision,
  { requireEmptyQueue = false }: Pick<PlatformRestartOptions, 'requireEmptyQueue'>,
): boolean => requireEmptyQueue && decision.kind === 'advance' && decision.supersedes === undefined;

export interface DecisionInput {
  readonly ledger: readonly PlatformEpochRecord[];
  /** What the host passed. Undefined: the host uses no epochs. */
  readonly given: PlatformEpoch | undefined;
  /** Has any vat of this store ever run? */
  readonly vatsHaveRun: boolean;
  readonly allowKindChange?: boolean;
  /** False refuses an advance. */
  readonly allowRestart?: boolean;
}

const decideAgainst = (
  last: PlatformEpochRecord,
  ledger: readonly PlatformEpochRecord[],
  given: PlatformEpoch,
  allowKindChange: boolean,
): PlatformEpochDecision => {
  const underWay = last.status === 'in-progress';
  if (last.epoch === given) {
    return { kind: underWay ? 'resume' : 'current', epoch: given };
  }
  if (last.kind !== kindOf(given) && !allowKindChange) {
    throw new PlatformEpochKindError(last.epoch, given);
  }
  // Compared with every entry: the order of numbers holds across a change of kind.
  const older = ledger.some(({ epoch }) =>
    typeof given === 'number' && typeof epoch === 'number' ? given <= epoch : given === epoch,
  );
  if (older) throw new PlatformEpochRegressionError(last.epoch, given);
  return {
    kind: 'advance',
    from: last.epoch,
    epoch: given,
    supersedes: underWay ? last.epoch : undefined,
  };
};

/**
 * @throws PlatformEpochRegressionError, PlatformEpochKindError, PlatformRestartNotAllowedError,
 *   PlatformRestartUnfinishedError, BadPlatformEpochError
 */
export const decidePlatformEpoch = (input: DecisionInput): PlatformEpochDecision => {
  const { ledger, vatsHaveRun, allowKindChange = false, allowRestart = true } = input;
  const last = ledger.at(-1);
  if (input.given === undefined) {
    // Not resumed: that would lose options of the restart, such as `exempt`.
    if (last?.status === 'in-progress') throw new PlatformRestartUnfinishedError(last.epoch);
    return { kind: 'none' };
  }
  const given = insistPlatformEpoch(input.given);
  let decision: PlatformEpochDecision;
  if (last) decision = decideAgainst(last, ledger, given, allowKindChange);
  else if (vatsHaveRun) {
    decision = { kind: 'advance', from: undefined, epoch: given, supersedes: undefined };
  } else decision = { kind: 'baseline', epoch: given };
  if (decision.kind === 'advance' && !allowRestart) {
    throw new PlatformRestartNotAllowedError(last?.epoch, given);
  }
  return decision;
};
