/**
 * Draws the results that `bench/results` has as one page without scripts and assets:
 * `bench/report.html`.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { safe } from 'escape-html-template-tag';
import type { GrownCurve } from '../growth/types.js';
import type { ResultLine } from '../harness/lines.js';
import { readResults, type Results } from '../harness/results.js';
import type { SubjectResult } from '../real-vats/results.js';
import { descriptions, html, type Part } from './html.js';
import { growthSection, realVatsSection, rowsSection } from './sections.js';
import { STYLE } from './style.js';

const REPORT = fileURLToPath(new URL('../report.html', import.meta.url));

export interface AllResults {
  readonly rows?: Results<ResultLine> | undefined;
  readonly growth?: Results<GrownCurve> | undefined;
  readonly realVats?: Results<SubjectResult> | undefined;
}

const section = <T>(
  title: string,
  command: string,
  found: Results<T> | undefined,
  show: (results: readonly T[]) => Part,
): Part =>
  html`<h2>${title}</h2>
    ${
      found
        ? html`${show(found.results)}
            <h3>Conditions</h3>
            ${descriptions(found.conditions)}`
        : html`<p class="soft">Not measured yet: <code>npm run ${command}</code></p>`
    }`;

export const renderReport = ({ rows, growth, realVats }: AllResults): string =>
  String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width" />
          <title>What swingset-kernel costs</title>
          <style>
            ${safe(STYLE)}
          </style>
        </head>
        <body>
          <h1>What swingset-kernel costs</h1>
          ${section('Beside @agoric/swingset-vat', 'bench', rows, rowsSection)}
          ${section('Growth', 'bench:growth', growth, growthSection)}
          ${section('Realistic vats', 'bench:real-vats', realVats, realVatsSection)}
        </body>
      </html>`,
  );

/** @returns the path of the page */
export const writeReport = async (): Promise<string> => {
  const [rows, growth, realVats] = await Promise.all([
    readResults<ResultLine>('rows'),
    readResults<GrownCurve>('growth'),
    readResults<SubjectResult>('real-vats'),
  ]);
  await writeFile(REPORT, renderReport({ rows, growth, realVats }));
  return REPORT;
};
