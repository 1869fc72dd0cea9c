/**
 * Renders a rehearsal as one self-contained page: verdict, timeline, failures, table. It has no
 * scripts and no assets. The `html` tag escapes everything that comes from a store.
 */
import { HtmlSafeString, safe } from 'escape-html-template-tag';
import { printableLines } from '../printable.js';
import { describeVatParameters } from './parameter-advice.js';
import { isFailure, type RehearsalReport, type VatRehearsal } from './rehearsal-types.js';
import { REPORT_STYLE } from './report-style.js';
import { worstFirst } from './report-order.js';
import {
  describeAbandoned,
  describeCanary,
  describeLateFailure,
  describePlatform,
  describeQueued,
  describeVerdict,
} from './report-words.js';

/** Shows control characters as in source code, and keeps line breaks. */
const show = (value: unknown): unknown => {
  if (value instanceof HtmlSafeString) return value;
  return Array.isArray(value) ? value.map(show) : printableLines(String(value));
};

/** A part of the page. It escapes every value that isn't a part itself. */
const html = (parts: TemplateStringsArray, ...values: readonly unknown[]): HtmlSafeString =>
  new HtmlSafeString(parts, values.map(show));

const nothing = html``;

const seconds = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
/** With thousands separators. Under lockdown `toLocaleString` has none. */
const count = (value: number | undefined): string =>
  value === undefined ? '–' : String(value).replace(/(?<=\d)(?=(?:\d{3})+$)/g, ',');
const labelOf = ({ vatID, name }: VatRehearsal): string =>
  name === undefined ? vatID : `${vatID} ${name}`;

const kindOfResult = (vat: VatRehearsal): string => (isFailure(vat) ? 'failed' : vat.result);

/** The axis's ticks: at most nine, at round distances. */
const ticksOf = (total: number): number[] => {
  const rough = total / 8;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(each => each * magnitude).find(each => each >= rough) ?? rough;
  return Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => index * step);
};

const timeline = ({ vats, ms }: RehearsalReport): HtmlSafeString => {
  const total = Math.max(ms, 1);
  const percent = (value: number): string => `${((100 * value) / total).toFixed(3)}%`;
  const rows = vats.map(vat => {
    const { startedAt, ms: took } = vat;
    const place = `left:${percent(startedAt)};width:${percent(took)}`;
    const title = `${labelOf(vat)}: ${kindOfResult(vat)} after ${seconds(took)}`;
    return html`<li>
      <span class="label">${labelOf(vat)}</span
      ><span class="track"
        ><span class="bar ${kindOfResult(vat)}" style="${place}" title="${title}"></span></span
      ><span class="took">${seconds(took)}</span>
    </li>`;
  });
  const ticks = ticksOf(total).map(
    tick => html`<span style="left:${percent(tick)}">${seconds(tick)}</span>`,
  );
  return html`<section>
    <h2>Timeline</h2>
    <div class="axis">
      <span class="label"></span><span class="track">${ticks}</span><span class="took"></span>
    </div>
    <ol class="timeline">
      ${rows}
    </ol>
  </section>`;
};

const aside = (text: string | undefined): HtmlSafeString =>
  text === undefined ? nothing : html`<p class="aside">${text}</p> `;

/** Warnings, and the parameters that the host gave. */
const parameters = ({ vats, warnings }: RehearsalReport): HtmlSafeString => {
  const started = vats
    .filter(vat => !isFailure(vat))
    .flatMap(vat => describeVatParameters(vat) ?? []);
  const items = [...warnings, ...started].map(text => html`<li>${text}</li>`);
  if (items.length === 0) return nothing;
  return html`<section>
    <h2>Parameters</h2>
    <ul>
      ${items}
    </ul>
  </section>`;
};

const failures = (report: RehearsalReport): HtmlSafeString => {
  const { problem } = report;
  const failed = worstFirst(report).filter(isFailure);
  if (failed.length === 0 && problem === undefined) return nothing;
  const items = failed.map(
    vat =>
      html`<article>
        <h3>${labelOf(vat)}${vat.critical ? html` <em>critical</em>` : nothing}</h3>
        <pre>${vat.error ?? vat.result}</pre>
        ${aside(describeVatParameters(vat))}
        <p>
          ${count(vat.waiting)} queued ${vat.waiting === 1 ? 'event' : 'events'} would wait for it.
        </p>
      </article>`,
  );
  const warning = problem === undefined ? nothing : html`<p class="problem">${problem}</p>`;
  return html`<section>
    <h2>Failures</h2>
    ${warning}${items}
  </section>`;
};

/** What happened after the restart: the blocks, and the vats that failed only then. */
const afterwards = ({ canary }: RehearsalReport): HtmlSafeString => {
  if (!canary) return nothing;
  const { lateFailures, problem } = canary;
  const items = lateFailures.map(
    failure =>
      html`<article class="late">
        <pre>${describeLateFailure(failure)}</pre>
      </article>`,
  );
  const warning = problem === undefined ? nothing : html`<p class="problem">${problem}</p>`;
  return html`<section>
    <h2>After the restart</h2>
    <p>${describeCanary(canary)}</p>
    ${warning}${items}
  </section>`;
};

const held = (report: RehearsalReport): HtmlSafeString => {
  const losers = worstFirst(report).filter(({ objectsHeld }) => objectsHeld > 0);
  if (losers.length === 0) return nothing;
  const items = losers.map(vat => {
    const { objectsHeld, abandonedHeld } = vat;
    const others = objectsHeld - abandonedHeld.length;
    const lines = abandonedHeld.map(describeAbandoned);
    if (others > 0) lines.push(`and ${others} more`);
    return html`<article>
      <h3>${labelOf(vat)}</h3>
      <pre>${lines.join('\n')}</pre>
    </article>`;
  });
  return html`<section>
    <h2>Abandoned objects that others hold</h2>
    <p>Messages to them are rejected from now on.</p>
    ${items}
  </section>`;
};

type Column = readonly [heading: string, cell: (vat: VatRehearsal) => string, isNumber?: boolean];
const columns: readonly Column[] = [
  ['vat', vat => vat.vatID],
  ['name', vat => vat.name ?? ''],
  ['result', kindOfResult],
  ['parameters', vat => vat.parameters],
  ['time', vat => seconds(vat.ms), true],
  ['computrons', vat => count(vat.computrons), true],
  ['incarnation', vat => count(vat.incarnation), true],
  ['promises rejected', vat => count(vat.promisesRejected), true],
  ['objects abandoned', vat => count(vat.objectsAbandoned), true],
  ['of these held', vat => count(vat.objectsHeld), true],
  ['imports reclaimed', vat => count(vat.importsReclaimed), true],
  ['rows reclaimed', vat => count(vat.rowsReclaimed), true],
  ['queued', vat => count(vat.waiting), true],
  ['old platform', vat => describePlatform(vat.oldPlatform)],
  ['new platform', vat => describePlatform(vat.newPlatform)],
];

/** A cell of the body names its column, for narrow screens, where each vat is a list. */
const table = (report: RehearsalReport): HtmlSafeString => {
  const cell = (text: string, heading: string, isNumber = false) =>
    html`<td class="${isNumber ? 'number' : 'text'}" data-heading="${heading}">${text}</td>`;
  const head = columns.map(
    ([heading, , isNumber]) =>
      html`<th class="${isNumber ? 'number' : 'text'}" scope="col">${heading}</th>`,
  );
  const rows = worstFirst(report).map(
    vat =>
      html`<tr class="${kindOfResult(vat)}">
        ${columns.map(([heading, text, isNumber]) => cell(text(vat), heading, isNumber))}
      </tr>`,
  );
  return html`<section>
    <h2>Vats</h2>
    <div class="wide">
      <table>
        <thead>
          <tr>
            ${head}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </section>`;
};

const facts = (report: RehearsalReport): HtmlSafeString => {
  const { storePath, from, to, ms, copyMs, copyBytes, silentDevices } = report;
  const rows: (readonly [string, string])[] = [
    ['Store', storePath],
    ['Platform epoch', `${from ?? 'none yet'} → ${to}`],
    ['Queued before it', describeQueued(report)],
    ['Restart', seconds(ms)],
    ['Copy', `${count(copyBytes)} bytes in ${seconds(copyMs)}`],
  ];
  if (silentDevices.length > 0) rows.push(['Devices that did nothing', silentDevices.join(', ')]);
  return html`<dl>
    ${rows.map(
      ([term, text]) =>
        html`<div>
          <dt>${term}</dt>
          <dd>${text}</dd>
        </div>`,
    )}
  </dl>`;
};

/** The whole page. */
export const renderRehearsalHtml = (report: RehearsalReport): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Platform epoch ${report.to}: rehearsal</title>
        <style>
          ${safe(REPORT_STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>Platform epoch ${report.to}: rehearsal</h1>
          <p class="verdict ${report.ok ? 'good' : 'bad'}">${describeVerdict(report)}</p>
          ${facts(report)}
        </header>
        <main>
          ${failures(report)} ${afterwards(report)} ${held(report)} ${parameters(report)}
          ${report.vats.length > 0 ? [timeline(report), table(report)] : nothing}
        </main>
      </body>
    </html>`.toString();
