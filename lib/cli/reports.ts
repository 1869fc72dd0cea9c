/** Tables and texts of `run`, `status` and `epochs`. */
import type { SwingsetSummary } from '../host/swingset-summary.js';
import type { PlatformEpoch, PlatformEpochRecord } from '../types/platform-epoch.js';
import type { PlatformRestartReport, VatRestartResult } from '../platform-epoch/types.js';
import { printable } from '../printable.js';
import { describeAbandoned, describeQueued } from '../platform-epoch/report-words.js';
import { formatTable } from './table.js';

/** How many of a vat's abandoned objects are listed. */
const HELD_SHOWN = 5;

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const counted = ['restarted', 'suspended', 'failed', 'terminated', 'exempt'] as const;

export const epochTable = (ledger: readonly PlatformEpochRecord[]): string => {
  if (ledger.length === 0) return 'no platform epoch was ever given';
  return formatTable(
    ['epoch', 'status', 'since crank', ...counted, 'platform', 'engine'],
    ledger.map(record => [
      record.epoch,
      record.status,
      record.startedAtCrank,
      ...counted.map(name => record[name]),
      record.fingerprint.platform,
      record.fingerprint.engine,
    ]),
  );
};

/** A vat that is suspended but not paused starts with its first delivery. */
const describeVatState = ({ state, error }: SwingsetSummary['vats'][number]): string => {
  if (error !== undefined) return `${state}: ${error}`;
  return state === 'suspended' ? 'suspended, not tried yet' : state;
};

export const vatTable = ({ vats }: SwingsetSummary): string =>
  formatTable(
    ['vat', 'name', 'kind', 'worker', 'incarnation', 'position', 'snapshot', 'state'],
    vats.map(vat => [
      vat.vatID,
      vat.name,
      vat.dynamic ? 'dynamic' : 'static',
      vat.worker,
      vat.incarnation,
      vat.position,
      vat.hasSnapshot ? 'yes' : 'no',
      describeVatState(vat),
    ]),
  );

/**
 * Lines about objects that vats lost and others still hold, a few for each vat; `--json` lists
 * more.
 */
export const heldLines = (vats: readonly VatRestartResult[]): readonly string[] =>
  vats.flatMap(({ vatID, name, objectsHeld, abandonedHeld }) => {
    if (objectsHeld === 0) return [];
    const vat = [vatID, name].filter(each => each !== undefined).join(' ');
    const shown = abandonedHeld.slice(0, HELD_SHOWN).map(describeAbandoned);
    const others = objectsHeld - shown.length;
    return [
      `${vat} has lost ${plural(objectsHeld, 'object')} that others still hold:`,
      ...shown.map(line => `  ${line}`),
      ...(others > 0 ? [`  and ${others} more`] : []),
    ].map(printable);
  });

export const restartTable = ({ vats }: PlatformRestartReport): string =>
  formatTable(
    [
      'vat',
      'name',
      'result',
      'incarnation',
      'ms',
      'rejected',
      'abandoned',
      'held',
      'reclaimed',
      'error',
    ],
    vats.map(vat => [
      vat.vatID,
      vat.name,
      vat.sleeps ? `${vat.result}, not tried yet` : vat.result,
      vat.incarnation,
      Math.round(vat.ms),
      vat.promisesRejected,
      vat.objectsAbandoned,
      vat.objectsHeld,
      vat.importsReclaimed + vat.rowsReclaimed,
      vat.error,
    ]),
  );

/** One line about a rolling restart that has vats left to start, or none. */
export const rollingLines = (
  { rolling }: Pick<SwingsetSummary, 'rolling'>,
  runsLeft?: number,
): readonly string[] => {
  if (!rolling) return [];
  const { total, sleeping } = rolling;
  const pace = runsLeft === undefined ? '' : `, ${plural(runsLeft, 'more run')} at this pace`;
  return [`rolling restart: ${total - sleeping} of ${total} vats have had their turn${pace}`];
};

/** One line about what a boot did for the platform epoch. */
export const describeRestart = (
  report: PlatformRestartReport | undefined,
  {
    platformEpoch,
    isNew,
  }: { readonly platformEpoch?: PlatformEpoch | undefined; readonly isNew: boolean },
): string => {
  if (report) {
    const count = plural(report.vats.filter(vat => vat.result === 'restarted').length, 'vat');
    const origin = report.from === undefined ? 'a store without epochs' : report.from;
    const before = report.doneBefore > 0 ? `, ${report.doneBefore} were done before` : '';
    const queued = report.queuedEvents > 0 ? `; it began with ${describeQueued(report)}` : '';
    return `platform epoch ${origin} -> ${report.to}: ${count} of ${report.vats.length} restarted${before}${queued}`;
  }
  if (platformEpoch === undefined) return 'no platform epoch given: vats continue where they were';
  return isNew
    ? `platform epoch ${platformEpoch} is the first one: nothing to restart`
    : `platform epoch ${platformEpoch} is the store's own: nothing restarts`;
};
