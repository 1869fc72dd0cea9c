/** Plots by uPlot. Its legend takes HTML, so ours is drawn here, and each plot is a table as well. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { Foreign, Table } from './parts.js';

export interface Series {
  readonly label: string;
  readonly values: readonly number[];
}

interface PlotProps {
  readonly title: string;
  /** One for each value; seconds since 1970 if `isTime`. */
  readonly xs: readonly number[];
  readonly xLabel: string;
  readonly isTime?: boolean;
  readonly series: readonly Series[];
  readonly unit: string;
  readonly showX: (x: number) => string;
  readonly showY: (y: number) => string;
}

const HEIGHT = 220;
const POINTS_IN_TABLE = 50;

/** In the order of `--series-N` in the style sheet. */
const COLORS = 6;

const colorOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const optionsOf = ({ series, isTime, showY }: PlotProps, width: number): uPlot.Options => {
  const axis = { stroke: colorOf('--muted'), grid: { stroke: colorOf('--line'), width: 1 } };
  const isSingle = series.length === 1;
  const bars = uPlot.paths.bars?.({ size: [0.8, 40], align: 0 });
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: isTime ?? false }, y: { range: (_plot, _least, most) => [0, most || 1] } },
    axes: [
      axis,
      { ...axis, size: 64, values: (_plot, splits) => splits.map(split => showY(split)) },
    ],
    series: [
      {},
      ...series.map((_each, index) => {
        const color = colorOf(`--series-${index % COLORS}`);
        return {
          stroke: color,
          width: 2,
          points: { show: false },
          ...(isSingle && bars && { fill: color, paths: bars }),
        };
      }),
    ],
  };
};

/** A number that rises when the colours of the page change. */
const useColors = (): number => {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const changed = (): void => setChanges(before => before + 1);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  return changes;
};

const dataOf = ({ xs, series }: PlotProps): uPlot.AlignedData => [
  [...xs],
  ...series.map(({ values }) => [...values]),
];

const Canvas = (props: PlotProps): JSX.Element => {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const colors = useColors();
  const { series, title } = props;
  const labels = series.map(({ label }) => label).join('\n');
  useEffect(() => {
    const parent = place.current;
    if (!parent) return undefined;
    const made = new uPlot(optionsOf(props, parent.clientWidth), dataOf(props), parent);
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: parent.clientWidth, height: HEIGHT }),
    );
    observer.observe(parent);
    return () => {
      observer.disconnect();
      made.destroy();
    };
    // Made anew for other series and other colours only; new values come below.
  }, [labels, colors]);
  useEffect(() => plot.current?.setData(dataOf(props)));
  return <div class="canvas" ref={place} role="img" aria-label={title} />;
};

export const Plot = (props: PlotProps): JSX.Element => {
  const { title, xs, xLabel, series, unit, showX, showY } = props;
  if (xs.length === 0) return <p class="empty plot-empty">Nothing to plot yet.</p>;
  const newest = xs.map((x, index) => ({ x, index })).slice(-POINTS_IN_TABLE);
  return (
    <figure class="plot">
      <figcaption>
        {title} <span class="unit">({unit})</span>
      </figcaption>
      <Canvas {...props} />
      {series.length > 1 && (
        <ul class="legend">
          {series.map(({ label }, index) => (
            <li key={label} class={`series-${index % COLORS}`}>
              <Foreign text={label} />
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary>As a table</summary>
        <Table
          caption={`${title}: the newest values`}
          columns={[
            { head: xLabel, cell: ({ x }) => showX(x) },
            ...series.map(({ label, values }) => ({
              head: label,
              number: true,
              cell: ({ index }: { readonly index: number }) => showY(values[index] ?? 0),
            })),
          ]}
          rows={newest.reverse()}
          keyOf={({ index }) => String(index)}
          empty=""
        />
      </details>
    </figure>
  );
};
