import { expect } from 'chai';
import { phasesOf } from '../../bench/real-vats/phases.js';
import type { SlogEntry } from '../../lib/types/slog.js';

/** Entries at these milliseconds. */
const slogOf = (...entries: readonly (readonly [number, SlogEntry])[]): SlogEntry[] =>
  entries.map(([ms, entry]) => ({ ...entry, monotime: ms / 1000 }));

const none = { load: 0, startVat: 0, bringOutYourDead: 0, reclaim: 0, snapshot: 0, rest: 0 };

describe('phases of a restart', () => {
  it('share out the time between the entries of the slog', () => {
    const slog = slogOf(
      [0, { type: 'vat-startup-start', vatID: 'v1' }],
      [500, { type: 'epoch-restart-start' }],
      [510, { type: 'vat-startup-start', vatID: 'v1' }],
      [610, { type: 'vat-startup-finish', vatID: 'v1' }],
      [615, { type: 'deliver', vatID: 'v1', dispatch: 'startVat' }],
      // Within the delivery, whatever the kernel logs.
      [700, { type: 'clist' }],
      [815, { type: 'deliver-result', vatID: 'v1', dispatch: 'startVat' }],
      [835, { type: 'vat-reclaim', vatID: 'v1' }],
      [885, { type: 'heap-snapshot-save', vatID: 'v1' }],
      [890, { type: 'epoch-restart-vat', vatID: 'v1', name: 'alice' }],
      [893, { type: 'epoch-restart-vat', vatID: 'v2' }],
      [900, { type: 'epoch-restart-finish' }],
      [999, { type: 'deliver', vatID: 'v1', dispatch: 'message' }],
    );
    const rounded = phasesOf(slog).map(({ phases, ...vat }) => ({
      ...vat,
      phases: Object.fromEntries(
        Object.entries(phases).map(([phase, ms]) => [phase, Math.round(ms)]),
      ),
    }));
    expect(rounded).to.deep.equal([
      {
        vatID: 'v1',
        name: 'alice',
        phases: { ...none, load: 100, startVat: 200, reclaim: 20, snapshot: 50, rest: 20 },
      },
      { vatID: 'v2', name: 'v2', phases: { ...none, rest: 3 } },
    ]);
  });

  it('are none without a restart', () => {
    expect(phasesOf(slogOf([0, { type: 'crank-start' }], [9, { type: 'crank-finish' }])))
      .to.deep //
      .equal([]);
  });
});
