/**
 * The options of a restart that decide state. The ledger keeps them, because a boot that resumes the
 * restart with others would treat the remaining vats differently (design.md 4, "Ledger").
 */
import { BadOptionError } from '../errors.js';
import type { DecidingRestartOptions } from '../types/platform-epoch.js';
import type { PlatformRestartOptions } from './restart-options.js';

/** With the defaults filled in. */
export const decidingOptionsOf = ({
  mode = 'eager',
  onVatFailure = 'suspend',
  exempt = [],
  assumeEngine,
}: PlatformRestartOptions): DecidingRestartOptions => ({
  mode,
  onVatFailure,
  exempt: [...new Set(exempt)].sort(),
  ...(assumeEngine !== undefined && { assumeEngine }),
});

const FIELDS = ['mode', 'onVatFailure', 'exempt', 'assumeEngine'] as const;

/** @throws BadOptionError that names the first field that differs from the ledger's */
export const insistSameOptions = (
  recorded: DecidingRestartOptions,
  given: DecidingRestartOptions,
): void => {
  for (const field of FIELDS) {
    const [before, now] = [JSON.stringify(recorded[field]), JSON.stringify(given[field])];
    if (before !== now) {
      const same = before === undefined ? 'nothing' : before;
      throw new BadOptionError(
        `platformRestart.${field}`,
        given[field],
        `${same}, as when the restart that this boot resumes began`,
      );
    }
  }
};
