/** What the routes are connected to. */
import type { SlogReader } from '../activity/slog-reader.js';
import type { LiveServer } from '../live-server.js';
import type { LiveStore } from '../live-store.js';
import type { Rehearsals } from '../rehearsals.js';

export interface InspectorPorts {
  readonly home: string;
  readonly store: LiveStore;
  readonly server: Pick<LiveServer, 'url'>;
  /** Whether the page may ask the solo server to change vats, and rehearse epochs. */
  readonly mayAct: boolean;
  readonly rehearsals: Rehearsals;
  readonly slog: SlogReader | undefined;
  /** Aborted when the inspector stops. */
  readonly stopping: AbortSignal;
}
