/** Opens a rehearsal's page in headless Chromium. Skipped where there is none (set CHROMIUM). */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { renderRehearsalHtml } from '../../lib/platform-epoch/report-html.js';
import { skipWithoutChromium } from '../support/chromium.js';
import { makeReport, makeVat } from './support/rehearsal-report.js';

const run = promisify(execFile);

/** Added to the page, whose own content has no scripts: measures it when it is drawn. */
const MEASURE = `<script>
  const style = selector => getComputedStyle(document.querySelector(selector));
  const widest = Math.max(...[...document.querySelectorAll('main *')].map(each => each.getBoundingClientRect().right));
  document.body.dataset.measured = JSON.stringify({
    width: innerWidth,
    scrollWidth: document.documentElement.scrollWidth,
    widest: Math.ceil(widest),
    head: style('thead').display,
    cell: style('td').display,
    names: [...document.querySelectorAll('tbody tr')].map(row => row.cells[0].textContent),
  });
</script>`;

interface Measured {
  readonly width: number;
  readonly scrollWidth: number;
  readonly widest: number;
  readonly head: string;
  readonly cell: string;
  readonly names: readonly string[];
}

const long = 'Error: vatParameters have a field that this contract does not take any more: '.repeat(
  4,
);

const report = makeReport({
  vats: [
    makeVat({ vatID: 'v5' as never, name: 'five' }),
    makeVat({ vatID: 'v6' as never, name: 'a-contract-with-a-long-name-from-its-maker'.repeat(2) }),
    makeVat({ vatID: 'v7' as never, result: 'suspended', error: long, waiting: 3 }),
    makeVat({ vatID: 'v8' as never, result: 'suspended', error: long, critical: true }),
  ],
});

describe("a rehearsal's page in a browser", () => {
  let browser: string;
  let directory: string;
  let page: string;

  before(function findBrowser() {
    browser = skipWithoutChromium(this);
    directory = mkdtempSync(join(tmpdir(), 'swingset-kernel-page-'));
    page = join(directory, 'report.html');
    const html = renderRehearsalHtml(report);
    expect(html).not.to.include('<script');
    writeFileSync(page, html.replace('</body>', `${MEASURE}</body>`));
  });

  after(() => {
    if (directory) rmSync(directory, { recursive: true, force: true });
  });

  const chromium = (...args: string[]) =>
    run(
      browser,
      [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
        `--user-data-dir=${join(directory, 'profile')}`,
        ...args,
        `file://${page}`,
      ],
      { maxBuffer: 20_000_000 },
    );

  const measure = async (width: number): Promise<Measured> => {
    const { stdout } = await chromium(`--window-size=${width},900`, '--dump-dom');
    const [, text = ''] = /data-measured="([^"]*)"/.exec(stdout) ?? [];
    return JSON.parse(text.replaceAll('&quot;', '"')) as Measured;
  };

  it('has the worst vats first, and a table on a wide screen', async () => {
    const { names, head, cell, scrollWidth, width } = await measure(1400);
    expect(names).to.deep.equal(['v8', 'v7', 'v5', 'v6']);
    expect([head, cell]).to.deep.equal(['table-header-group', 'table-cell']);
    expect(scrollWidth).to.be.at.most(width);
  });

  it('fits a phone: each vat is a list, and nothing is cut off', async () => {
    const { head, cell, scrollWidth, widest, width } = await measure(500);
    expect(width).to.be.at.most(640);
    expect([head, cell]).to.deep.equal(['none', 'flex']);
    expect(scrollWidth).to.be.at.most(width);
    expect(widest).to.be.at.most(width);
  });

  it('prints', async () => {
    const pdf = join(directory, 'report.pdf');
    await chromium(`--print-to-pdf=${pdf}`, '--no-pdf-header-footer');
    expect(readFileSync(pdf, 'latin1').slice(0, 5)).to.equal('%PDF-');
  });
});
