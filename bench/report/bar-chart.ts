/** Horizontal bars, each of one or more parts. */
import { html, type Part } from './html.js';
import { ticksTo } from './line-chart.js';

export interface BarPart {
  readonly title: string;
  readonly value: number;
  /** A CSS colour. */
  readonly colour: string;
}

export interface Bar {
  readonly label: string;
  readonly parts: readonly BarPart[];
  /** Shown behind the bar. */
  readonly note: string;
}

const WIDTH = 1050;
const LABEL = 480;
const NOTE = 110;
const ROW = 22;
const BAR = 14;
const AXIS = 30;

export const barChart = (bars: readonly Bar[], unit: string): Part => {
  const lengthOf = ({ parts }: Bar): number => parts.reduce((sum, { value }) => sum + value, 0);
  const most = Math.max(...bars.map(lengthOf), 1e-9);
  const scale = (value: number): number => (value / most) * (WIDTH - LABEL - NOTE);
  const height = ROW * bars.length + AXIS;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
    ${ticksTo(most).map(tick => {
      const x = (LABEL + scale(tick)).toFixed(1);
      return html`<line class="grid" x1="${x}" x2="${x}" y1="0" y2="${height - AXIS}" />
        <text class="soft" text-anchor="middle" x="${x}" y="${height - 10}">
          ${Number(tick.toPrecision(3))} ${unit}
        </text>`;
    })}
    ${bars.map((bar, index) => {
      const top = ROW * index + (ROW - BAR) / 2;
      let x = LABEL;
      const parts = bar.parts.map(({ title, value, colour }) => {
        const left = x;
        x += scale(value);
        return html`<rect
          x="${left.toFixed(1)}"
          y="${top}"
          width="${Math.max(scale(value), 0.5).toFixed(1)}"
          height="${BAR}"
          fill="${colour}"
        >
          <title>${bar.label}, ${title}: ${value.toPrecision(3)} ${unit}</title>
        </rect>`;
      });
      return html`<text text-anchor="end" x="${LABEL - 8}" y="${top + BAR - 2}">${bar.label}</text>
        ${parts}
        <text class="soft" x="${(x + 6).toFixed(1)}" y="${top + BAR - 2}">${bar.note}</text>`;
    })}
  </svg>`;
};

/** What the colours mean. */
export const legend = (
  entries: readonly { readonly title: string; readonly colour: string }[],
): Part =>
  html`<p>
    ${entries.map(
      ({ title, colour }) => html`<span style="color:${colour}">&#9632;</span> ${title}&ensp;`,
    )}
  </p>`;
