/** What commands say about messages that wait, and about the vats that they wait for. */
import type { SwingsetSummary, VatSummary } from '../host/swingset-summary.js';
import type { ServiceRequester, StoredService } from '../types/vat-service.js';
import { formatTable } from './table.js';

const requester = (by: ServiceRequester): string => (by === 'host' ? 'the host' : 'its adminNode');

const describeCause = (service: StoredService): string => {
  switch (service.type) {
    case 'paused':
      return `paused by ${requester(service.pausedBy)}`;
    case 'held':
      return `suspended by ${requester(service.by)}`;
    case 'failed':
      return 'could not start';
    case 'sleeping':
      return 'not started since its restart';
    default:
      return service satisfies never;
  }
};

export const describeService = (service: StoredService): string =>
  service.type !== 'paused' && service.pausedBy
    ? `${describeCause(service)}, paused by ${requester(service.pausedBy)}`
    : describeCause(service);

export const describeSince = (
  { sinceEpoch }: Pick<VatSummary, 'sinceEpoch'>,
  { sinceCrank }: StoredService,
): string =>
  sinceEpoch === undefined ? `crank ${sinceCrank}` : `crank ${sinceCrank}, epoch ${sinceEpoch}`;

/** A vat that sleeps and that nobody has paused starts with its next message: nothing to mend. */
const rowOf = (vat: VatSummary): readonly unknown[] => {
  const { vatID, name, service, waiting } = vat;
  const isIdle = service?.type === 'sleeping' && !service.pausedBy && waiting === 0;
  if (!service || isIdle) return [];
  return [vatID, name, describeService(service), describeSince(vat, service), waiting];
};

/** How long the run-queue is, and how much waits beside it. */
export const queueLine = ({ crankNumber, queued, waiting }: SwingsetSummary): string => {
  const more = waiting === 0 ? '' : `, ${waiting} more wait for vats out of service`;
  return `crank ${crankNumber}, ${queued} events queued${more}`;
};

/** Lines about the vats that are out of service, if there are any. */
export const outOfServiceLines = ({ vats }: SwingsetSummary): readonly string[] => {
  const rows = vats.map(rowOf).filter(row => row.length > 0);
  if (rows.length === 0) return [];
  const headings = ['vat', 'name', 'out of service', 'since', 'waiting'];
  return ['', formatTable(headings, rows)];
};
