/** Where the time of a serial restart goes, from the structured log. */
import type { SlogEntry } from '../../lib/types/slog.js';

/** In the order in which a vat's restart goes through them. */
export const PHASES = [
  'load',
  'startVat',
  'bringOutYourDead',
  'reclaim',
  'snapshot',
  'rest',
] as const;
export type Phase = (typeof PHASES)[number];

export const PHASE_TITLES: Readonly<Record<Phase, string>> = {
  load: 'load and setBundle',
  startVat: 'startVat',
  bringOutYourDead: 'BOYD',
  reclaim: 'reclaim',
  snapshot: 'snapshot',
  rest: 'rest',
};

export interface VatPhases {
  readonly vatID: string;
  readonly name: string;
  /** Milliseconds by phase. */
  readonly phases: Readonly<Record<Phase, number>>;
}

const none = (): Record<Phase, number> => ({
  ...{ load: 0, startVat: 0, bringOutYourDead: 0, reclaim: 0, snapshot: 0, rest: 0 },
});

/** Entries that end what happened since the entry before them. */
const ENDS: Readonly<Record<string, Phase>> = {
  'vat-startup-finish': 'load',
  'vat-reclaim': 'reclaim',
  'heap-snapshot-save': 'snapshot',
};

const isPhase = (dispatch: unknown): dispatch is Phase =>
  (PHASES as readonly unknown[]).includes(dispatch);

/** What the time before an entry was spent on. `within` is the delivery that is under way. */
const phaseBefore = ({ type }: SlogEntry, within: unknown): Phase => {
  if (isPhase(within)) return within;
  return ENDS[type] ?? 'rest';
};

/**
 * The restarts between `epoch-restart-start` and `-finish`, of vats in turns. Time that no entry
 * explains is `rest`: the kernel's own work, and its store's.
 */
export const phasesOf = (slog: readonly SlogEntry[]): readonly VatPhases[] => {
  const vats: VatPhases[] = [];
  let phases = none();
  let last: number | undefined;
  let delivering: unknown;
  for (const entry of slog) {
    const now = Number(entry.monotime) * 1000;
    if (last !== undefined) phases[phaseBefore(entry, delivering)] += now - last;
    if (entry.type === 'epoch-restart-start') phases = none();
    if (entry.type === 'epoch-restart-start' || last !== undefined) last = now;
    if (entry.type === 'deliver') delivering = entry.dispatch;
    else if (entry.type === 'deliver-result') delivering = undefined;
    else if (entry.type === 'epoch-restart-vat') {
      const { vatID, name = vatID } = entry as SlogEntry & { vatID: string; name?: string };
      vats.push({ vatID, name, phases });
      phases = none();
    } else if (entry.type === 'epoch-restart-finish') break;
  }
  return vats;
};
