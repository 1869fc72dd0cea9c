/** Records of the ledger for specs that need no store. */
import { STOCK } from '../../../lib/platform/choices.js';
import type { BundleID } from '../../../lib/types/ids.js';
import type {
  PlatformChoice,
  PlatformEpoch,
  PlatformEpochRecord,
} from '../../../lib/types/platform-epoch.js';

export const makeEpochRecord = (
  epoch: PlatformEpoch,
  status: PlatformEpochRecord['status'] = 'complete',
  choice: PlatformChoice = STOCK,
): PlatformEpochRecord => ({
  epoch,
  kind: typeof epoch === 'number' ? 'number' : 'name',
  startedAtCrank: 7,
  status,
  fingerprint: {
    ...choice,
    engine: 'e',
    lockdown: 'b0-1' as BundleID,
    supervisor: 'b0-2' as BundleID,
  },
  options: { mode: 'eager', onVatFailure: 'suspend', exempt: [] },
  restarted: 0,
  suspended: 0,
  failed: 0,
  terminated: 0,
  exempt: 0,
});
