/** The sections of the report: the table, the curves, the realistic vats. */
import type { GrownCurve } from '../growth/types.js';
import { judgeGrowth, MOST_GROWTH } from '../growth/judge.js';
import type { ResultLine } from '../harness/lines.js';
import { formatFigure } from '../harness/table.js';
import { PHASES, PHASE_TITLES } from '../real-vats/phases.js';
import type { SubjectResult } from '../real-vats/results.js';
import { barChart, legend, type Bar } from './bar-chart.js';
import { html, table, type Part } from './html.js';
import { lineChart } from './line-chart.js';

const NAMES = {
  peer: { title: '@agoric/swingset-vat', colour: 'var(--peer)' },
  here: { title: 'this kernel', colour: 'var(--here)' },
  limit: { title: 'without a kernel', colour: 'var(--limit)' },
} as const;
type Name = keyof typeof NAMES;

const barsOf = (line: ResultLine): readonly Bar[] => {
  const { peer } = line;
  if (line.key !== 'wall' || peer === undefined) return [];
  return (Object.keys(NAMES) as Name[]).flatMap(name => {
    const value = line[name];
    if (value === undefined) return [];
    const { title, colour } = NAMES[name];
    return [
      {
        label: name === 'peer' ? line.title : '',
        parts: [{ title, value: (100 * value) / peer, colour }],
        note: formatFigure(value, line.unit),
      },
    ];
  });
};

const times = (value: number | undefined): string =>
  value === undefined ? '' : `${value.toFixed(2)} x`;

const goalCell = ({ goal, isMet }: ResultLine): Part | string => {
  if (goal === undefined) return '';
  if (isMet === undefined) return goal;
  const verdict = isMet ? 'met' : 'missed';
  return html`${goal}, <span class="${verdict}">${verdict}</span>`;
};

export const rowsSection = (lines: readonly ResultLine[]): Part => html`
  <p>Time as a share of the peer's: shorter is faster.</p>
  ${legend(Object.values(NAMES))} ${barChart(lines.flatMap(barsOf), '%')}
  <h3>All figures</h3>
  ${table(
    ['', 'peer', 'here', 'peer/here', 'limit', 'here/limit', 'goal'],
    lines.map(line => [
      line.title,
      ...[line.peer, line.here].map(value =>
        value === undefined ? '' : formatFigure(value, line.unit),
      ),
      times(line.ratio),
      line.limit === undefined
        ? ''
        : `${formatFigure(line.limit, line.unit)}, ${line.limitTitle ?? ''}`,
      times(line.overLimit),
      goalCell(line),
    ]),
  )}
`;

const curveSection = ({ title, axis, lines, flat, points }: GrownCurve): Part => {
  const series = Object.entries(lines).flatMap(([key, name]) => {
    const first = points[0]?.figures[key]?.median;
    if (!flat.includes(key) || !first) return [];
    const relative = points.flatMap(({ at, figures }) => {
      const summary = figures[key];
      return summary ? [[at, summary.median / first] as const] : [];
    });
    return [{ title: name, points: relative }];
  });
  return html`<h3>${title}</h3>
    <p class="soft">Times the figure at the first point. The band is the goal.</p>
    ${lineChart({ axis, series, allowed: MOST_GROWTH })}
    ${table(
      ['', ...points.map(({ at }) => `${at} ${axis}`), 'most/first'],
      Object.entries(lines).map(([key, name]) => [
        name,
        ...points.map(({ figures }) =>
          figures[key] ? formatFigure(figures[key].median, 'ms') : '',
        ),
        times(judgeGrowth(points, key)?.factor),
      ]),
    )}`;
};

export const growthSection = (curves: readonly GrownCurve[]): Part =>
  html`${curves.map(curveSection)}`;

const phaseColours = PHASES.map((phase, index) => ({
  title: PHASE_TITLES[phase],
  colour: `var(--s${index})`,
}));

const vatBars = ({ vats }: SubjectResult): readonly Bar[] =>
  vats.map(({ vat, phases, total, bare }) => ({
    label: vat,
    parts: PHASES.map((phase, index) => ({
      title: PHASE_TITLES[phase],
      value: phases[phase],
      colour: `var(--s${index})`,
    })),
    note: bare ? `${(total / bare.total).toFixed(2)} x bare` : '',
  }));

const subjectSection = (subject: SubjectResult): Part => html`
  <h3>${subject.title}</h3>
  ${table(
    ['way', 'restart', 'CPU of the kernel', 'commit', 'first call'],
    subject.ways.map(({ title, restart, cpu, commit, firstCall }) => [
      title,
      ...[restart, cpu, commit, firstCall].map(value => formatFigure(value, 'ms')),
    ]),
  )}
  ${
    subject.vats.length > 0
      ? html`<p>Where the time of an eager restart goes:</p>
          ${legend(phaseColours)} ${barChart(vatBars(subject), 'ms')}`
      : ''
  }
`;

export const realVatsSection = (subjects: readonly SubjectResult[]): Part =>
  html`${subjects.map(subjectSection)}`;
