/** Describes a life of the example swingset as text. */
import { describeRestart } from '../lib/cli/reports.js';
import { formatTable } from '../lib/cli/table.js';
import type { Life } from './lives.js';

const ms = (duration: number): string => `${Math.round(duration)} ms`;

const durableStateOf = (name: string | undefined, { report }: Life): string | undefined => {
  const { currency, balances } = report.ledger;
  switch (name) {
    case 'ledger':
      return Object.entries(balances)
        .map(([owner, balance]) => `${owner} ${balance} ${currency}`)
        .join(', ');
    case 'alice':
    case 'bob':
      return `account with ${balances[name]} ${currency}`;
    case 'journal':
      return `${report.journal.lines} lines`;
    default:
      return undefined;
  }
};

const vatRows = (life: Life) => {
  const restarted = new Map(life.restart?.vats.map(vat => [vat.vatID, vat]));
  return life.vats.map(vat => {
    const result = restarted.get(vat.vatID);
    const kept = life.isNew ? 'created' : 'went on';
    return [
      vat.vatID,
      vat.name,
      vat.dynamic ? 'dynamic' : 'static',
      vat.worker,
      vat.incarnation,
      result?.result ?? kept,
      result && Math.round(result.ms),
      result?.promisesRejected,
      durableStateOf(vat.name, life),
    ];
  });
};

const describeInFlight = ({ inFlight: { kpid, state, value } }: Life): string =>
  value === undefined
    ? `${kpid}, ledger.whenClosed(): ${state}`
    : `${kpid}, ledger.whenClosed(): ${state} with ${JSON.stringify(value)}`;

const describeNews = (news: unknown): string =>
  news === 'none' ? 'heard nothing' : `heard ${JSON.stringify(news)}`;

export const showLife = (title: string, life: Life): string => {
  const headings = ['vat', 'name', 'kind', 'worker', 'incarnation', 'this boot', 'ms', 'rejected'];
  const { alice, bob, ledger } = life.report;
  return [
    `== ${title}: boot with platformEpoch ${JSON.stringify(life.platformEpoch)}`,
    `booted in ${ms(life.bootMs)}; ${describeRestart(life.restart, life)}`,
    `ran ${life.cranks} cranks in ${ms(life.workMs)}`,
    '',
    formatTable([...headings, 'durable state'], vatRows(life)),
    '',
    `in flight since the first life: ${describeInFlight(life)}`,
    `alice ${describeNews(alice)}; bob ${describeNews(bob)}`,
    `the ledger's heap counts ${ledger.visits} visits`,
  ].join('\n');
};
