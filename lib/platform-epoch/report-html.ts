/**
 * One self-contained page about a rehearsal: verdict, timeline, failures, table. No scripts, no
 * assets; everything that comes from a store is escaped.
 */
import { printableLines } from '../printable.js';
import { describeVatParameters } from './parameter-advice.js';
import { isFailure, type RehearsalReport, type VatRehearsal } from './rehearsal-types.js';
import { REPORT_STYLE } from './report-style.js';
import {
  describeAbandoned,
  describePlatform,
  describeQueued,
  describeVerdict,
} from './report-words.js';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in an element or in a quoted attribute. */
const escapeHtml = (value: unknown): string =>
  printableLines(String(value)).replace(/[&<>"']/g, found => entities[found] ?? found);

const seconds = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
const count = (value: number | undefined): string =>
  value === undefined ? '–' : value.toLocaleString('en');
const labelOf = ({ vatID, name }: VatRehearsal): string =>
  name === undefined ? vatID : `${vatID} ${name}`;

const kindOfResult = (vat: VatRehearsal): string => (isFailure(vat) ? 'failed' : vat.result);

/** Round steps, at most eight of them, that reach over the whole time. */
const ticksOf = (total: number): number[] => {
  const rough = total / 8;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(each => each * magnitude).find(each => each >= rough) ?? rough;
  return Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => index * step);
};

const timeline = ({ vats, ms }: RehearsalReport): string => {
  const total = Math.max(ms, 1);
  const percent = (value: number): string => `${((100 * value) / total).toFixed(3)}%`;
  const rows = vats.map(vat => {
    const { startedAt, ms: took } = vat;
    const place = `left:${percent(startedAt)};width:${percent(took)}`;
    const title = `${labelOf(vat)}: ${kindOfResult(vat)} after ${seconds(took)}`;
    return `<li><span class="label">${escapeHtml(labelOf(vat))}</span><span class="track"><span class="bar ${kindOfResult(vat)}" style="${place}" title="${escapeHtml(title)}"></span></span><span class="took">${seconds(took)}</span></li>`;
  });
  const ticks = ticksOf(total).map(
    tick => `<span style="left:${percent(tick)}">${seconds(tick)}</span>`,
  );
  return `<section><h2>Timeline</h2>
<div class="axis"><span class="label"></span><span class="track">${ticks.join('')}</span><span class="took"></span></div>
<ol class="timeline">${rows.join('\n')}</ol></section>`;
};

const aside = (text: string | undefined): string =>
  text === undefined ? '' : `<p class="aside">${escapeHtml(text)}</p>\n`;

/** Warnings, and what came of the parameters that the host gave to vats that restart. */
const parameters = ({ vats, warnings }: RehearsalReport): string => {
  const started = vats
    .filter(vat => !isFailure(vat))
    .flatMap(vat => describeVatParameters(vat) ?? []);
  const items = [...warnings, ...started].map(text => `<li>${escapeHtml(text)}</li>`);
  if (items.length === 0) return '';
  return `<section><h2>Parameters</h2><ul>${items.join('\n')}</ul></section>`;
};

const failures = ({ vats, problem }: RehearsalReport): string => {
  const failed = vats.filter(isFailure);
  if (failed.length === 0 && problem === undefined) return '';
  const items = failed.map(
    vat => `<article><h3>${escapeHtml(labelOf(vat))}${vat.critical ? ' <em>critical</em>' : ''}</h3>
<pre>${escapeHtml(vat.error ?? vat.result)}</pre>
${aside(describeVatParameters(vat))}<p>${count(vat.waiting)} queued ${vat.waiting === 1 ? 'event' : 'events'} would wait for it.</p></article>`,
  );
  const warning = problem === undefined ? '' : `<p class="problem">${escapeHtml(problem)}</p>`;
  return `<section><h2>Failures</h2>${warning}${items.join('\n')}</section>`;
};

const held = ({ vats }: RehearsalReport): string => {
  const losers = vats.filter(({ objectsHeld }) => objectsHeld > 0);
  if (losers.length === 0) return '';
  const items = losers.map(vat => {
    const { objectsHeld, abandonedHeld } = vat;
    const others = objectsHeld - abandonedHeld.length;
    const lines = abandonedHeld.map(describeAbandoned);
    if (others > 0) lines.push(`and ${others} more`);
    return `<article><h3>${escapeHtml(labelOf(vat))}</h3><pre>${escapeHtml(lines.join('\n'))}</pre></article>`;
  });
  return `<section><h2>Abandoned objects that others hold</h2>
<p>Messages to them are rejected from now on.</p>${items.join('\n')}</section>`;
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

const table = ({ vats }: RehearsalReport): string => {
  const cell = (tag: 'td' | 'th', text: string, isNumber = false) =>
    `<${tag}${isNumber ? ' class="number"' : ''}>${escapeHtml(text)}</${tag}>`;
  const head = columns.map(([heading, , isNumber]) => cell('th', heading, isNumber)).join('');
  const rows = vats.map(
    vat =>
      `<tr class="${kindOfResult(vat)}">${columns.map(([, text, isNumber]) => cell('td', text(vat), isNumber)).join('')}</tr>`,
  );
  return `<section><h2>Vats</h2><div class="wide"><table><thead><tr>${head}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div></section>`;
};

const facts = (report: RehearsalReport): string => {
  const { storePath, from, to, ms, copyMs, copyBytes, silentDevices } = report;
  const rows: (readonly [string, string])[] = [
    ['Store', storePath],
    ['Platform epoch', `${from ?? 'none yet'} → ${to}`],
    ['Queued before it', describeQueued(report)],
    ['Restart', seconds(ms)],
    ['Copy', `${count(copyBytes)} bytes in ${seconds(copyMs)}`],
  ];
  if (silentDevices.length > 0) rows.push(['Devices that did nothing', silentDevices.join(', ')]);
  return `<dl>${rows.map(([term, text]) => `<div><dt>${term}</dt><dd>${escapeHtml(text)}</dd></div>`).join('')}</dl>`;
};

/** The whole page. */
export const renderRehearsalHtml = (report: RehearsalReport): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Platform epoch ${escapeHtml(report.to)}: rehearsal</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<header><h1>Platform epoch ${escapeHtml(report.to)}: rehearsal</h1>
<p class="verdict ${report.ok ? 'good' : 'bad'}">${escapeHtml(describeVerdict(report))}</p>
${facts(report)}</header>
<main>
${failures(report)}
${parameters(report)}
${held(report)}
${report.vats.length > 0 ? [timeline(report), table(report)].join('\n') : ''}
</main>
</body>
</html>
`;
