/** What the vats have been doing: from the slog, or from what the store records. */
import type { SlogReader } from '../activity/slog-reader.js';
import type { ActivityAnswer, VatActivity } from '../answers.js';
import type { LiveStore, StoreView } from '../live-store.js';

const vatsFromSlog = ({ tables: { state } }: StoreView, slog: SlogReader): VatActivity[] =>
  [...slog.totals.vats()].map(([vatID, { deliveries, seconds, computrons }]) => {
    const id = vatID as Parameters<typeof state.vats.exists>[0];
    const name = state.vats.exists(id) ? (state.vats.getOptions(id).name ?? null) : null;
    return { vatID, name, deliveries, seconds, computrons };
  });

const vatsFromStore = ({ tables: { state }, reader }: StoreView): VatActivity[] =>
  state.vats.allIDs().map(vatID => ({
    vatID,
    name: state.vats.getOptions(vatID).name ?? null,
    deliveries: reader.currentSpan(vatID).endPos,
    seconds: null,
    computrons: null,
  }));

export const describeActivity = (
  store: Pick<LiveStore, 'read' | 'activity'>,
  slog: SlogReader | undefined,
): ActivityAnswer => {
  const vats = store.read(view => (slog ? vatsFromSlog(view, slog) : vatsFromStore(view)));
  const weight = ({ seconds, deliveries }: VatActivity): number => seconds ?? deliveries;
  return {
    ...store.activity(),
    vats: vats.sort((a, b) => weight(b) - weight(a)),
    slog: slog ? { path: slog.path, left: slog.left(), ...slog.sums() } : null,
  };
};
