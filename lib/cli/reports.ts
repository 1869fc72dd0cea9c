/** What commands print: tables for people, or JSON for programs. */
import type { SwingsetSummary } from '../host/swingset-summary.js';
import type { PlatformEpochRecord, PlatformRestartReport } from '../platform-epoch/types.js';
import { formatTable } from './table.js';

export const epochTable = (ledger: readonly PlatformEpochRecord[]): string => {
  if (ledger.length === 0) return 'no platform epoch was ever given';
  return formatTable(
    ['epoch', 'status', 'since crank', 'restarted', 'suspended', 'failed', 'engine'],
    ledger.map(record => [
      record.epoch,
      record.status,
      record.startedAtCrank,
      record.restarted,
      record.suspended,
      record.failed,
      record.fingerprint.engine,
    ]),
  );
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
      vat.error === undefined ? vat.state : `${vat.state}: ${vat.error}`,
    ]),
  );

export const restartTable = ({ vats }: PlatformRestartReport): string =>
  formatTable(
    ['vat', 'name', 'result', 'incarnation', 'ms', 'rejected', 'abandoned', 'reclaimed', 'error'],
    vats.map(vat => [
      vat.vatID,
      vat.name,
      vat.result,
      vat.incarnation,
      Math.round(vat.ms),
      vat.promisesRejected,
      vat.objectsAbandoned,
      vat.importsReclaimed + vat.rowsReclaimed,
      vat.error,
    ]),
  );

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** One line that says what a boot did about the platform epoch. */
export const describeRestart = (report: PlatformRestartReport | undefined): string => {
  if (!report) return 'no platform epoch was given: vats go on where they were';
  const { decision, from, to, vats } = report;
  switch (decision) {
    case 'none':
      return 'no platform epoch was given: vats go on where they were';
    case 'baseline':
      return `platform epoch ${to} is the first: nothing to restart`;
    case 'current':
      return `platform epoch ${to} is the one the store is at: nothing restarts`;
    case 'advance':
    case 'resume': {
      const count = plural(vats.filter(vat => vat.result === 'restarted').length, 'vat');
      const origin = from === undefined ? 'a store without epochs' : from;
      return `platform epoch ${origin} -> ${to}: ${count} of ${vats.length} restarted`;
    }
    default:
      return decision satisfies never;
  }
};
