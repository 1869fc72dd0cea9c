/** What the routes need of the server. */
import type { BlockFeed } from '../block-feed.js';
import type { BlockMaker } from '../block-maker.js';
import type { CommittedState } from '../committed-state.js';
import type { SoloMetrics } from '../metrics.js';
import type { SoloServerLimits } from '../options.js';

export interface HttpPorts {
  readonly blocks: BlockMaker;
  readonly feed: BlockFeed;
  readonly state: CommittedState;
  readonly metrics: Pick<SoloMetrics, 'render'>;
  readonly limits: SoloServerLimits;
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal;
}
