/** A line chart: x is logarithmic, y starts at 0. */
import { html, type Part } from './html.js';

export interface Series {
  readonly title: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LineChart {
  /** What x is. */
  readonly axis: string;
  readonly series: readonly Series[];
  /** A band from 1 to here is what is allowed. */
  readonly allowed: number;
}

const WIDTH = 720;
const HEIGHT = 280;
const LEFT = 50;
const RIGHT = 20;
const TOP = 15;
const BOTTOM = 45;
const LEGEND_LINE = 18;

const round = (value: number): string => value.toFixed(1);

/** At most seven, at round distances. */
export const ticksTo = (most: number): readonly number[] => {
  const rough = most / 6;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(each => each * magnitude).find(each => each >= rough) ?? rough;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
};

const withSeparators = (value: number): string =>
  String(value).replace(/(?<=\d)(?=(?:\d{3})+$)/g, ',');

export const lineChart = ({ axis, series, allowed }: LineChart): Part => {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].toSorted(
    (a, b) => a - b,
  );
  const most = 1.1 * Math.max(allowed, ...series.flatMap(({ points }) => points.map(([, y]) => y)));
  const [low, high] = [Math.log10(xs[0] ?? 1), Math.log10(xs.at(-1) ?? 10)];
  const xOf = (x: number): number =>
    LEFT + ((Math.log10(x) - low) / Math.max(high - low, 0.001)) * (WIDTH - LEFT - RIGHT);
  const yOf = (y: number): number => TOP + (1 - y / most) * (HEIGHT - TOP - BOTTOM);
  const bottom = HEIGHT - BOTTOM;
  const height = HEIGHT + LEGEND_LINE * series.length;
  const lines = series.map(({ title, points }, index) => {
    const colour = `var(--s${index % 6})`;
    const path = points.map(([x, y]) => `${round(xOf(x))},${round(yOf(y))}`).join(' ');
    const legend = HEIGHT + LEGEND_LINE * index;
    return html`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" />
      ${points.map(
        ([x, y]) =>
          html`<circle cx="${round(xOf(x))}" cy="${round(yOf(y))}" r="3.5" fill="${colour}">
            <title>${title}, ${withSeparators(x)} ${axis}: ${y.toFixed(2)}</title>
          </circle>`,
      )}
      <circle cx="${LEFT + 6}" cy="${legend}" r="4" fill="${colour}" />
      <text x="${LEFT + 18}" y="${legend + 4}">${title}</text>`;
  });
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
    <rect
      x="${LEFT}"
      width="${WIDTH - LEFT - RIGHT}"
      y="${round(yOf(allowed))}"
      height="${round(yOf(1) - yOf(allowed))}"
      fill="var(--limit)"
      opacity="0.15"
    />
    ${ticksTo(most).map(
      tick =>
        html`<line
            class="grid"
            x1="${LEFT}"
            x2="${WIDTH - RIGHT}"
            y1="${round(yOf(tick))}"
            y2="${round(yOf(tick))}"
          />
          <text class="soft" text-anchor="end" x="${LEFT - 8}" y="${round(yOf(tick) + 4)}">
            ${Number(tick.toFixed(2))} x
          </text>`,
    )}
    ${xs.map(
      x =>
        html`<text class="soft" text-anchor="middle" x="${round(xOf(x))}" y="${bottom + 18}">
          ${withSeparators(x)}
        </text>`,
    )}
    <text class="soft" text-anchor="end" x="${WIDTH - RIGHT}" y="${bottom + 36}">${axis}</text>
    ${lines}
  </svg>`;
};
