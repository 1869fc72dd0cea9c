/** What carries out an operator's actions, wherever that is. */
import type { Bundle } from '../../store/types.js';
import type { BundleID } from '../../types/ids.js';
import type { DirectAction, UpgradeAction, UpgradeResult } from './actions.js';
import type { QueueReport } from './queue-report.js';

/** Everything that a method did is committed when it resolves. */
export interface Operator {
  /** `store`: no server runs, so queued work waits for the next one. */
  readonly place: 'server' | 'store';
  perform(action: DirectAction): Promise<void>;
  /** Upgrades a static vat. Resolves when it is done, or can't be done now. */
  upgrade(action: UpgradeAction): Promise<UpgradeResult>;
  /** @param alleged - the ID that the bundle must have, if given */
  installBundle(bundle: Bundle, alleged?: string): Promise<BundleID>;
  /** Runs one block of what is queued, and says what is left. */
  runBlock(): Promise<QueueReport>;
  close(): Promise<void>;
}
