/**
 * Counts and measures what the slog tells of. `docs/observability.md` lists the instruments.
 *
 * Invariant: every label has few values. Types of deliveries, syscalls and cranks are the kernel's;
 * a name that it does not know becomes `other`.
 */
import type { Attributes, Meter } from '@opentelemetry/api';
import type { SlogEntry } from '../types/slog.js';
import { makeInstruments } from './instruments.js';
import type { VatLabels } from './vat-labels.js';

const DELIVERIES: ReadonlySet<unknown> = new Set([
  ...['message', 'notify', 'startVat', 'bringOutYourDead', 'changeVatOptions'],
  ...['dropExports', 'retireExports', 'retireImports'],
]);

const SYSCALLS: ReadonlySet<unknown> = new Set([
  ...['send', 'callNow', 'subscribe', 'resolve', 'exit', 'abandonExports'],
  ...['vatstoreGet', 'vatstoreGetNextKey', 'vatstoreSet', 'vatstoreDelete'],
  ...['dropImports', 'retireImports', 'retireExports'],
]);

const oneOf = (known: ReadonlySet<unknown>, value: unknown): string =>
  known.has(value) ? String(value) : 'other';

/** A field of an entry that is a number. An entry of a host may have anything. */
const numberIn = (entry: SlogEntry, field: string): number | undefined => {
  const value = entry[field];
  return typeof value === 'number' && value >= 0 ? value : undefined;
};

interface Recorder {
  record(value: number, attributes?: Attributes): void;
}

const recordIn = (
  histogram: Recorder,
  value: number | undefined,
  attributes: Attributes = {},
): void => {
  if (value !== undefined) histogram.record(value, attributes);
};

/** `[status, problem, usage]`. */
const resultIn = ({ dr }: SlogEntry): { failed: boolean; computrons: number | undefined } => {
  const [status, , usage] = (Array.isArray(dr) ? dr : []) as readonly unknown[];
  const compute = (usage as { compute?: unknown } | null | undefined)?.compute;
  return {
    failed: status === 'error',
    computrons: typeof compute === 'number' ? compute : undefined,
  };
};

/** @returns a listener, which throws what the meter throws */
export const makeSlogMetrics = (meter: Meter, labelOf: VatLabels): ((entry: SlogEntry) => void) => {
  const to = makeInstruments(meter);
  const vatOf = ({ vatID }: SlogEntry): Attributes => ({ vat: labelOf(vatID) });
  const noteDelivery = (entry: SlogEntry): void => {
    const delivery = oneOf(DELIVERIES, entry.dispatch);
    const labels = { ...vatOf(entry), delivery };
    const { failed, computrons } = resultIn(entry);
    recordIn(to.deliverySeconds, numberIn(entry, 'seconds'), labels);
    recordIn(to.deliveryComputrons, computrons, labels);
    if (failed) to.failures.add(1, labels);
  };
  const noteRestart = (by: string, result: unknown): void =>
    to.restarts.add(1, { by, result: String(result) });
  return entry => {
    const seconds = numberIn(entry, 'seconds');
    switch (entry.type) {
      case 'block-finish':
      case 'cosmic-swingset-end-block-finish':
        recordIn(to.blockSeconds, seconds);
        break;
      case 'crank-finish':
        recordIn(to.crankSeconds, seconds, { crank: String(entry.crankType) });
        break;
      case 'deliver-result':
        noteDelivery(entry);
        break;
      case 'syscall':
        to.syscalls.add(1, { syscall: oneOf(SYSCALLS, entry.syscall) });
        break;
      case 'vat-startup-finish':
        recordIn(to.startSeconds, seconds, vatOf(entry));
        break;
      case 'start-replay':
        to.replayed.add(numberIn(entry, 'deliveries') ?? 0, vatOf(entry));
        break;
      case 'finish-replay':
        recordIn(to.replaySeconds, seconds, vatOf(entry));
        break;
      case 'heap-snapshot-save':
        recordIn(to.snapshotSeconds, numberIn(entry, 'dbSaveSeconds'), vatOf(entry));
        recordIn(to.snapshotBytes, numberIn(entry, 'uncompressedSize'), vatOf(entry));
        break;
      case 'heap-snapshot-pack':
        recordIn(to.packSeconds, numberIn(entry, 'compressSeconds'), vatOf(entry));
        recordIn(to.packBytes, numberIn(entry, 'compressedSize'), vatOf(entry));
        break;
      case 'epoch-restart-vat': {
        // An exempt vat may sleep since an earlier restart.
        const sleeps = entry.sleeps === true && entry.result === 'suspended';
        const result = sleeps ? 'sleeping' : String(entry.result);
        noteRestart('epoch', result);
        const ms = numberIn(entry, 'ms');
        recordIn(to.restartSeconds, ms === undefined ? undefined : ms / 1000, { result });
        break;
      }
      case 'late-start':
        noteRestart('late', entry.result === 'started' ? 'restarted' : entry.result);
        break;
      case 'vat-restart-finish':
        noteRestart('host', 'restarted');
        break;
      case 'vat-restart-failed':
        noteRestart('host', 'failed');
        break;
      case 'vat-upgrade-finish':
        to.upgrades.add(1);
        break;
      case 'create-vat':
        to.created.add(1);
        break;
      case 'terminate':
        to.ended.add(1);
        break;
      default:
        break;
    }
  };
};
