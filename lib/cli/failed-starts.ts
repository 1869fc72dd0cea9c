/** Which vats a `run` failed to start: in the restart, or later in the run after a lazy one. */
import { isFailure } from '../platform-epoch/rehearsal-types.js';
import type { PlatformRestartReport } from '../platform-epoch/types.js';
import type { KernelStatus } from '../kernel/facets/dump.js';
import type { SwingsetSummary } from '../host/swingset-summary.js';
import { peekAtLedger } from '../host/look-at-store.js';
import type { SlogSender } from '../types/slog.js';
import type { RestartOptions } from './restart-args.js';

export interface FailedStart {
  readonly vatID: string;
  readonly name: string | undefined;
  readonly result: 'suspended' | 'terminated';
  readonly error: string | undefined;
}

/** Does a late start that fails end its vat? Then the status after the run says nothing of it. */
export const mayEndVats = async (
  home: string,
  { onVatFailure }: RestartOptions['options'],
): Promise<boolean> => {
  // An earlier run may have begun the restart, and left vats that sleep.
  const [last] = (await peekAtLedger(home)).slice(-1);
  return [onVatFailure, last?.options.onVatFailure].includes('terminate');
};

/** Notes the vats that failed late starts end. */
export const makeLateEnds = () => {
  const ends: FailedStart[] = [];
  return {
    ends,
    /** Passes entries on. */
    noting:
      (next: SlogSender | undefined): SlogSender =>
      entry => {
        const { type, vatID, name, result, error } = entry;
        if (type === 'late-start' && result === 'terminated' && error !== undefined) {
          ends.push({ vatID, name, result, error } as FailedStart);
        }
        next?.(entry);
      },
  };
};

/**
 * @param booted - The status after the boot, before the run.
 * @param ended - The summary after the run.
 * @param lateEnds - The vats that failed late starts of the run ended.
 */
export const findFailedStarts = (
  report: PlatformRestartReport | undefined,
  booted: KernelStatus,
  ended: SwingsetSummary,
  lateEnds: readonly FailedStart[],
): readonly FailedStart[] => {
  const atBoot = (report?.vats ?? [])
    .filter(isFailure)
    .map(({ vatID, name, result, error }): FailedStart => ({
      vatID,
      name,
      result: result === 'terminated' ? 'terminated' : 'suspended',
      error,
    }));
  // A vat whose error is older than this run has been reported by an earlier one.
  const known = new Map(booted.activeVats.map(({ id, suspended }) => [id, suspended?.error]));
  const later = ended.vats
    .filter(({ vatID, error }) => error !== undefined && error !== known.get(vatID))
    .map(({ vatID, name, error }) => ({ vatID, name, result: 'suspended', error }) as const);
  return [...atBoot, ...later, ...lateEnds];
};

/** `2 vats could not start: v4 shop (suspended), v5 stall (terminated)`, or nothing. */
export const failedStartLines = (failed: readonly FailedStart[]): readonly string[] => {
  if (failed.length === 0) return [];
  const vats = failed.map(({ vatID, name, result }) =>
    [vatID, ...(name === undefined ? [] : [name]), `(${result})`].join(' '),
  );
  const count = failed.length === 1 ? '1 vat' : `${failed.length} vats`;
  return [`${count} could not start: ${vats.join(', ')}`];
};
