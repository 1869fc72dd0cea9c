/** `config/app.json` of a node. See `lib/types/option-schema.ts`. */
import Type from 'typebox';
import type { Static } from 'typebox';
import { configObject, count, countOrZero } from '../../../types/option-schema.js';
import { PRELOAD_MODES } from '../../../workers/types.js';

export const chainNode = Type.Object(
  {
    /** Vats that have a worker at the same time; default 50. */
    maxVatsOnline: Type.Optional(count()),
    /** Workers loaded ahead; default 0. */
    spareWorkers: Type.Optional(countOrZero('a number of workers')),
    /** When vats come online: before the first block (default), meanwhile, or when they are used. */
    preload: Type.Optional(Type.Enum([...PRELOAD_MODES])),
    /** Vats that come online at once in a preload; default: one for each core, at most 8. */
    preloadConcurrency: Type.Optional(count()),
    /** Seconds after which a silent worker counts as hung; default 900, and 0 means never. */
    workerSilenceSeconds: Type.Optional(countOrZero('a number of seconds')),
    /** Vats that an upgrade starts at the same time; default 1. */
    restartConcurrency: Type.Optional(count()),
    /** Branches of the state tree that stay in memory, of about 4 kB each; default 4,096. */
    cachedBranches: Type.Optional(countOrZero('a number of branches')),
    /** Blocks that the engine keeps; default 0, which means all. */
    retainBlocks: Type.Optional(countOrZero('a number of blocks, or 0 for all')),
    /** Blocks from one snapshot for state sync to the next; default 0, which means none. */
    snapshotInterval: Type.Optional(countOrZero('a number of blocks, or 0 for no snapshots')),
    /** Snapshots that are kept; default 3. A joining node needs one that is two blocks old. */
    snapshotKeep: Type.Optional(count()),
    /** Heights at which a scheduled upgrade is dropped, as all validators agreed to do. */
    skipUpgradeHeights: Type.Optional(Type.Unsafe<readonly number[]>(Type.Array(count()))),
    /** The node counts as ill when its height stands still for so many seconds; default 60. */
    stallSeconds: Type.Optional(count()),
    /** Where GET /health answers, host:port. Default: nowhere. */
    health: Type.Optional(Type.String({ pattern: '^[^\\s:]+:[0-9]{1,5}$', expected: 'host:port' })),
  },
  {
    $id: 'chain-node.schema.json',
    title: 'Options of one node of a chain: config/app.json. None of them decides state',
    ...configObject,
  },
);

export interface ChainNodeConfig extends Readonly<Static<typeof chainNode>> {}
