/** Results of realistic vats, as tables show them. */
import { formatTable } from '../../lib/cli/table.js';
import type { Figures, Summaries } from '../harness/run-job.js';
import { splitFigureKey } from './figures.js';
import { PHASES, PHASE_TITLES, type Phase } from './phases.js';
import type { Subject } from './subject.js';

/** Medians in milliseconds. */
export interface WayResult {
  readonly title: string;
  readonly restart: number;
  readonly cpu: number;
  readonly commit: number;
  readonly firstCall: number;
}

export interface VatResult {
  readonly vat: string;
  readonly phases: Readonly<Record<Phase, number>>;
  readonly total: number;
  /** Of a bare worker of the same vat. */
  readonly bare?: {
    readonly load: number;
    readonly setBundle: number;
    readonly startVat: number;
    readonly total: number;
  };
}

export interface SubjectResult {
  readonly name: string;
  readonly title: string;
  readonly ways: readonly WayResult[];
  readonly vats: readonly VatResult[];
}

interface MeasuredWay {
  readonly title: string;
  readonly figures: Figures;
}

/** Medians of the figures that belong to a vat, by vat and phase. */
const byVat = (summaries: Summaries = {}): ReadonlyMap<string, Record<string, number>> => {
  const vats = new Map<string, Record<string, number>>();
  for (const [key, { median }] of Object.entries(summaries)) {
    const found = splitFigureKey(key);
    if (!found) continue;
    vats.set(found.vat, { ...vats.get(found.vat), [found.phase]: median });
  }
  return vats;
};

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);

const vatsOf = ({ here, limit }: Figures): readonly VatResult[] => {
  const bareVats = byVat(limit);
  return [...byVat(here)].map(([vat, found]) => {
    const phases = Object.fromEntries(PHASES.map(phase => [phase, found[phase] ?? 0]));
    const bare = bareVats.get(vat);
    const { load = 0, setBundle = 0, startVat = 0 } = bare ?? {};
    return {
      vat,
      phases: phases as Record<Phase, number>,
      total: sum(Object.values(phases)),
      ...(bare && { bare: { load, setBundle, startVat, total: load + setBundle + startVat } }),
    };
  });
};

export const resultOf = (
  { name, title }: Subject,
  measured: readonly MeasuredWay[],
): SubjectResult => ({
  ...{ name, title },
  ways: measured.flatMap(({ title: way, figures: { here } }) => {
    if (!here) return [];
    const of = (key: string): number => here[key]?.median ?? NaN;
    return [
      {
        ...{ title: way, restart: of('restart'), cpu: of('cpu') },
        ...{ commit: of('commit'), firstCall: of('firstCall') },
      },
    ];
  }),
  vats: measured.flatMap(({ figures }) => vatsOf(figures)),
});

const ms = (value: number | undefined): number | string =>
  value === undefined ? '' : Math.round(value);

const formatWays = (ways: readonly WayResult[]): string =>
  formatTable(
    ['way', 'restart, ms', 'CPU of the kernel, ms', 'commit, ms', 'first call, ms'],
    ways.map(({ title, restart, cpu, commit, firstCall }) => [
      title,
      ...[restart, cpu, commit, firstCall].map(ms),
    ]),
  );

const formatVats = (vats: readonly VatResult[]): string =>
  formatTable(
    [
      'vat, ms',
      ...PHASES.map(phase => PHASE_TITLES[phase]),
      'all',
      ...['bare load', 'bare setBundle', 'bare startVat', 'all/bare'],
    ],
    vats.map(({ vat, phases, total, bare }) => [
      vat,
      ...PHASES.map(phase => ms(phases[phase])),
      ms(total),
      ...[bare?.load, bare?.setBundle, bare?.startVat].map(ms),
      bare ? `${(total / bare.total).toFixed(2)} x` : '',
    ]),
  );

export const formatSubject = ({ title, ways, vats }: SubjectResult): string =>
  [title, formatWays(ways), ...(vats.length > 0 ? [formatVats(vats)] : [])].join('\n\n');
