/** Sums up slogs: cranks, deliveries and times by vat, restarts, snapshots, replays. */
import type { SlogEntry } from '../../types/slog.js';
import { blockHeightOf, deliveryResultOf, numberOf, textOf } from './fields.js';
import type { SlogLine } from './read-slog.js';

export interface VatActivity {
  readonly vatID: string;
  /** From the entry of the vat's creation or restart, if the slog has one. */
  name: string | undefined;
  deliveries: number;
  /** By type: `message`, `notify`, `bringOutYourDead`, … */
  readonly byType: Record<string, number>;
  failed: number;
  computrons: number;
  syscalls: number;
  /** Seconds of all deliveries, and of the longest. */
  seconds: number;
  longest: number;
  snapshots: number;
  /** How often a worker replayed a part of its transcript, and how many entries in all. */
  replays: number;
  replayedEntries: number;
  replaySeconds: number;
}

export interface RestartActivity {
  readonly epoch: string | number;
  readonly mode: string | undefined;
  /** How many vats had each result. */
  readonly results: Record<string, number>;
  failed: number;
  /** Milliseconds of the vats' turns. */
  ms: number;
  finished: boolean;
}

export interface SlogSummary {
  readonly files: readonly string[];
  readonly entries: number;
  /** Lines that were cut off. */
  readonly skippedLines: number;
  /** Seconds since 1970, of the first and the last entry. */
  readonly firstTime: number | undefined;
  readonly lastTime: number | undefined;
  readonly blocks: number;
  /** By what they were about: `send`, `notify`, … */
  readonly cranks: Readonly<Record<string, number>>;
  /** Seconds of all cranks. */
  readonly crankSeconds: number;
  readonly restarts: readonly RestartActivity[];
  /** Those with the most time first. */
  readonly vats: readonly VatActivity[];
}

const addTo = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};

const newVat = (vatID: string): VatActivity => ({
  vatID,
  name: undefined,
  deliveries: 0,
  byType: {},
  failed: 0,
  computrons: 0,
  syscalls: 0,
  seconds: 0,
  longest: 0,
  snapshots: 0,
  replays: 0,
  replayedEntries: 0,
  replaySeconds: 0,
});

const noteDelivery = (vat: VatActivity, entry: SlogEntry): void => {
  const { failed, computrons } = deliveryResultOf(entry);
  const seconds = numberOf(entry, 'seconds') ?? 0;
  vat.deliveries += 1;
  addTo(vat.byType, textOf(entry, 'dispatch') ?? 'unknown');
  if (failed) vat.failed += 1;
  vat.computrons += computrons;
  vat.seconds += seconds;
  vat.longest = Math.max(vat.longest, seconds);
};

/** What one entry says about one vat. */
const noteVat = (vat: VatActivity, entry: SlogEntry): void => {
  switch (entry.type) {
    case 'create-vat':
    case 'epoch-restart-vat':
      vat.name = textOf(entry, 'name') ?? vat.name;
      break;
    case 'deliver-result':
      // SwingSet logs the deliveries of a replay as well.
      if (entry.replay !== true) noteDelivery(vat, entry);
      break;
    case 'syscall':
      if (entry.replay !== true) vat.syscalls += 1;
      break;
    case 'heap-snapshot-save':
      vat.snapshots += 1;
      break;
    case 'start-replay':
      vat.replays += 1;
      vat.replayedEntries += numberOf(entry, 'deliveries') ?? 0;
      break;
    case 'finish-replay':
      vat.replaySeconds += numberOf(entry, 'seconds') ?? 0;
      break;
    default:
  }
};

const noteRestart = (restarts: RestartActivity[], entry: SlogEntry): void => {
  const { type, epoch } = entry;
  if (typeof epoch !== 'string' && typeof epoch !== 'number') return;
  if (type === 'epoch-restart-start') {
    const mode = textOf(entry, 'mode');
    restarts.push({ epoch, mode, results: {}, failed: 0, ms: 0, finished: false });
  }
  const last = restarts.at(-1);
  if (last?.epoch !== epoch) return;
  if (type === 'epoch-restart-finish') last.finished = true;
  if (type !== 'epoch-restart-vat') return;
  addTo(last.results, textOf(entry, 'result') ?? 'unknown');
  if (entry.error !== undefined) last.failed += 1;
  last.ms += numberOf(entry, 'ms') ?? 0;
};

/** @param lines - of one slog after another, oldest first */
export const summarizeSlog = async (lines: AsyncIterable<SlogLine>): Promise<SlogSummary> => {
  const files: string[] = [];
  const cranks: Record<string, number> = {};
  const vats = new Map<string, VatActivity>();
  const restarts: RestartActivity[] = [];
  const heights = new Set<number>();
  let entries = 0;
  let skippedLines = 0;
  let crankSeconds = 0;
  let firstTime: number | undefined;
  let lastTime: number | undefined;
  for await (const { file, entry } of lines) {
    if (files.at(-1) !== file) files.push(file);
    if (!entry) {
      skippedLines += 1;
      continue;
    }
    entries += 1;
    const time = numberOf(entry, 'time');
    firstTime ??= time;
    lastTime = time ?? lastTime;
    const height = blockHeightOf(entry);
    if (height !== undefined) heights.add(height);
    if (entry.type === 'crank-finish') {
      addTo(cranks, textOf(entry, 'messageType') ?? textOf(entry, 'crankType') ?? 'unknown');
      crankSeconds += numberOf(entry, 'seconds') ?? 0;
    }
    if (entry.type.startsWith('epoch-restart-')) noteRestart(restarts, entry);
    const vatID = textOf(entry, 'vatID');
    if (vatID === undefined) continue;
    let vat = vats.get(vatID);
    if (!vat) vats.set(vatID, (vat = newVat(vatID)));
    noteVat(vat, entry);
  }
  return {
    files,
    entries,
    skippedLines,
    firstTime,
    lastTime,
    blocks: heights.size,
    cranks,
    crankSeconds,
    restarts,
    vats: [...vats.values()].sort((a, b) => b.seconds - a.seconds || b.deliveries - a.deliveries),
  };
};
