/**
 * Options of one node. None of them decides state: nodes with other options have equal app hashes.
 */
import type { PlatformRestartProgress } from '../../platform-epoch/types.js';
import { insistPlatformEpoch } from '../../platform-epoch/decide.js';
import { BadOptionError } from '../../errors.js';
import type {
  LocalWarehousePolicy,
  SwingsetRuntimeOptions,
} from '../../controller/option-types.js';
import { insistFunctions } from '../../option-functions.js';
import { insistKnownFields } from '../../unknown-fields.js';
import type { SnapshotEvent } from './snapshots/exporter.js';
import type { RestoreEvent } from './snapshots/restore.js';
import type { OutputListener } from './outputs.js';
import { insistSkipHeights } from './upgrade-plan.js';
import { PRELOAD_MODES } from '../../workers/types.js';

export interface LocalOptions {
  /** Workers that may be online at once; default 50. */
  readonly maxVatsOnline?: number;
  /** Workers loaded ahead from the platform image; default 0. */
  readonly spareWorkers?: number;
  /** Default: `foreground`. With `background`, the host opens at once and vats load meanwhile. */
  readonly preload?: NonNullable<LocalWarehousePolicy['preload']>;
  /** Vats that come online at once in a preload; default: one for each core, at most 8. */
  readonly preloadConcurrency?: number;
  /** Seconds after which a silent worker counts as hung; default 900, and 0 means never. */
  readonly workerSilenceSeconds?: number;
  /** Vats that an upgrade starts at once; default 1. */
  readonly restartConcurrency?: number;
  /** Branches of the state tree that stay in memory, of about 4 kB each; default 4,096. */
  readonly cachedBranches?: number;
  /** Heights at which this node ignores the planned upgrade, as in x/upgrade. */
  readonly skipUpgradeHeights?: readonly number[];
  /** Blocks that the engine keeps; default 0, which means all. */
  readonly retainBlocks?: number;
  /** Blocks from one snapshot for state sync to the next; default 0, which means none. */
  readonly snapshotInterval?: number;
  /** Snapshots that are kept; default 3. */
  readonly snapshotKeep?: number;
  /** Told of each step of a snapshot or of a restore. What it throws is ignored. */
  readonly onStateSync?: (event: SnapshotEvent | RestoreEvent) => void | Promise<void>;
  readonly onCommitted?: OutputListener;
  readonly onRestartProgress?: (progress: PlatformRestartProgress) => void;
  readonly console?: SwingsetRuntimeOptions['console'];
  readonly slogSender?: SwingsetRuntimeOptions['slogSender'];
  readonly spawn?: SwingsetRuntimeOptions['spawn'];
  /** Ends the workers when it aborts. The block that is executed fails. */
  readonly signal?: AbortSignal;
  /** Called at named points, so that specs can fail there. */
  readonly faultPoint?: (name: string) => void | Promise<void>;
}

export interface BlockHostOptions extends LocalOptions {
  /** The node's directory. The store is in `data/swingset` under it. */
  readonly home: string;
  /** What this software is: the platform epoch of its vats. */
  readonly platformEpoch: string;
}

const COUNTS = {
  maxVatsOnline: 1,
  spareWorkers: 0,
  preloadConcurrency: 1,
  workerSilenceSeconds: 0,
  restartConcurrency: 1,
  cachedBranches: 0,
  retainBlocks: 0,
  snapshotInterval: 0,
  snapshotKeep: 1,
} as const;

const FUNCTIONS = [
  ...['onCommitted', 'onRestartProgress', 'onStateSync', 'slogSender', 'spawn', 'faultPoint'],
] as const;

const OPTIONS = [
  ...['home', 'platformEpoch', 'preload', 'skipUpgradeHeights', 'console', 'signal'],
  ...FUNCTIONS,
  ...Object.keys(COUNTS),
];

/** @throws BadOptionError for unknown fields and bad values; BadPlatformEpochError */
export const insistOptions = (options: BlockHostOptions): BlockHostOptions => {
  insistKnownFields(options, OPTIONS);
  const { home, platformEpoch, skipUpgradeHeights = [] } = options;
  if (typeof home !== 'string' || home === '') throw new BadOptionError('home', home, 'a path');
  if (typeof platformEpoch !== 'string') {
    throw new BadOptionError('platformEpoch', platformEpoch, 'the name of an upgrade');
  }
  insistPlatformEpoch(platformEpoch);
  if (options.preload !== undefined && !PRELOAD_MODES.includes(options.preload)) {
    throw new BadOptionError('preload', options.preload, `one of ${PRELOAD_MODES.join(', ')}`);
  }
  for (const [field, minimum] of Object.entries(COUNTS)) {
    const value = options[field as keyof typeof COUNTS];
    if (value === undefined || (Number.isSafeInteger(value) && value >= minimum)) continue;
    throw new BadOptionError(field, value, `an integer of at least ${minimum}`);
  }
  insistFunctions(options, FUNCTIONS);
  insistSkipHeights(skipUpgradeHeights);
  return options;
};
