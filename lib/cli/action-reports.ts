/** What the commands that change a swingset say about the outcome. */
import type { Operator } from '../host/operator-actions/types.js';
import type { UpgradeResult } from '../host/operator-actions/actions.js';
import type { QueueReport } from '../host/operator-actions/queue-report.js';
import type { VatSummary } from '../host/swingset-summary.js';
import { printable } from '../printable.js';
import { compareIDs, type BundleID, type VatID } from '../types/ids.js';
import { formatTable } from './table.js';

export interface ActionOutcome {
  readonly command: string;
  /** Who did it: the server that runs on the home, or this command in the store. */
  readonly by: Operator['place'];
  readonly vatID: VatID;
  readonly name: string | undefined;
  /** The vat as it is now; null for one that has ended. */
  readonly vat: VatSummary | null;
  /** Events in the kernel's queues. */
  readonly queued: number;
  readonly upgrade?: UpgradeResult & { readonly bundleID: BundleID };
}

const events = (count: number): string => (count === 1 ? '1 event' : `${count} events`);

const upgradeLine = ({ vatID, upgrade }: ActionOutcome): readonly string[] => {
  if (!upgrade) return [];
  const { status, problem = '', kpid } = upgrade;
  if (status === 'rejected')
    return [
      // Vats, and so vat-admin, don't learn the error of another vat's code.
      `${vatID} was not upgraded: ${printable(problem)}. The kernel's console and slog say why`,
    ];
  if (status === 'fulfilled') return [];
  return [
    `the upgrade of ${vatID} is queued, and vat-admin has not answered: ${kpid} is unresolved`,
  ];
};

const vatLine = ({ vatID, name, vat }: ActionOutcome): string => {
  const title = name === undefined ? vatID : `${vatID} ${printable(name)}`;
  if (!vat) return `${title} has ended`;
  const { state, incarnation, error, waiting } = vat;
  const why = error === undefined ? '' : ` (${printable(error)})`;
  return `${title}: ${state}${why}, incarnation ${incarnation}, ${events(waiting)} waiting`;
};

/** Without a server, somebody has to deliver what is queued, or due again after `resume`. */
const queueLine = ({ by, queued }: ActionOutcome): readonly string[] => {
  if (by === 'server' || queued === 0) return [];
  return ['no server runs: the next `start`, `run` or `drain` delivers what is left'];
};

export const describeOutcome = (outcome: ActionOutcome): string =>
  [...upgradeLine(outcome), vatLine(outcome), ...queueLine(outcome)].join('\n');

interface DrainReport extends QueueReport {
  readonly by: Operator['place'];
  /** How many ran. */
  readonly blocks: number;
}

export const describeDrain = (report: DrainReport): string => {
  const { blocks, queued, queuedByVat, waiting, waitingByVat } = report;
  const left = queued === 0 ? 'nothing is queued' : `${events(queued)} queued`;
  const ran = blocks === 1 ? '1 block' : `${blocks} blocks`;
  const head = `${left} after ${ran}; ${events(waiting)} waiting for vats out of service`;
  const vatIDs = Object.keys({ ...queuedByVat, ...waitingByVat }) as VatID[];
  if (vatIDs.length === 0) return head;
  const rows = vatIDs
    .sort(compareIDs)
    .map(vatID => [vatID, queuedByVat[vatID] ?? 0, waitingByVat[vatID] ?? 0]);
  return [head, '', formatTable(['vat', 'queued', 'waiting'], rows)].join('\n');
};
