/**
 * An operator's day, as `docs/operations.md` tells it, seen on the inspector's page beside the servers
 * that run, and mended from there (issue 17). `spec/cli/upgrade-day.spec.ts` lives it by the command
 * line only. With `PAGE_PICTURES=<dir>`, pictures of each step are written there.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { command, startListening, startServer } from '../cli/processes.js';
import { skipWithoutChromium } from '../support/chromium.js';
import { bundleOf } from '../support/shared-bundles.js';
import { makeTempDir } from '../support/swingset.js';
import { lookAt, openPage } from './support/browser.js';

const vats = fileURLToPath(new URL('../cli/vats/upgrade-day', import.meta.url));
const mended = join(vats, 'mended', 'vat-till.js');

/** The value of a named fact on the page. */
const factOf = (page: Page, name: string) =>
  page
    .locator('.facts > div')
    .filter({ has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) })
    .locator('dd');

/** Waits until the page shows it. It follows the store by itself: nothing is loaded again. */
const seeFact = (page: Page, name: string, value: string | RegExp): Promise<void> =>
  factOf(page, name).filter({ hasText: value }).waitFor();

const goTo = async (page: Page, link: string, title: string): Promise<void> => {
  await page.locator('header nav a', { hasText: link }).click();
  await page.locator('h1', { hasText: title }).waitFor();
  // Each part of a view says so by itself.
  await page.locator('main .loading').first().waitFor({ state: 'detached' });
};

describe('the day of an upgrade on the page', () => {
  it('shows the restart, the vat that failed and what waits, and mends it', async function day() {
    const chromium = skipWithoutChromium(this);
    const dir = makeTempDir();
    const home = join(dir, 'store');
    const slog = join(dir, 'slog.jsonl');
    const mendedBundle = join(dir, 'till.json');
    writeFileSync(mendedBundle, JSON.stringify(await bundleOf(mended)));
    const made = await command('init', vats, '--epoch', 'spring', '--home', home);
    expect(made.code, made.stderr).to.equal(0);
    const serve = (epoch: string) => startServer(home, '--epoch', epoch, '--slog', slog);
    const inspector = await startListening<{ url: string }>(
      'inspect',
      ...['--home', home, '--slog', slog, '--allow-actions'],
    );
    const { browser, page, faults } = await openPage(chromium, inspector.said.url);
    try {
      await page.evaluate('window.notReloaded = true');

      // An ordinary day.
      await seeFact(page, 'solo server', 'none runs');
      const spring = await serve('spring');
      await seeFact(page, 'solo server', spring.url);
      await seeFact(page, 'platform epoch', /^spring/);
      expect(await spring.call('shop', 'sell', 3)).to.equal(3);
      expect(await spring.call('till', 'add', 5)).to.equal(5);
      const { json } = await spring.ask('/v1/status');
      await seeFact(page, 'height', String(json.height));
      await seeFact(page, 'run-queue', /^0$/);
      await lookAt(page, '1-ordinary-day');

      // Before: what will happen? The server goes on meanwhile.
      await goTo(page, 'Epochs', 'Platform epochs');
      await page.locator('#epoch').fill('summer');
      await page.locator('button', { hasText: 'Rehearse' }).click();
      await page.locator('.outcome-problem', { hasText: /1 of \d+ vats can't start/ }).waitFor();
      const rehearsed = page.locator('.rehearsal tbody tr');
      expect(await rehearsed.first().innerText())
        .to.match(/\btill\b/)
        .and.match(/suspended/)
        .and.contain('already registered');
      await rehearsed.filter({ hasText: 'shop' }).locator('.state-restarted').waitFor();
      await lookAt(page, '2-rehearsed');
      await goTo(page, 'Overview', 'Overview');
      await seeFact(page, 'platform epoch', /^spring/);

      // The old release has done its work.
      expect((await spring.end('SIGTERM')).how).to.deep.equal([0, null]);
      await seeFact(page, 'solo server', 'none runs');
      await lookAt(page, '3-stopped');

      // The new release restarts the vats, while the page shows the ledger.
      await goTo(page, 'Epochs', 'Platform epochs');
      const summer = await serve('summer');
      const epoch = page
        .locator('.timeline > li')
        .filter({ has: page.locator('h2', { hasText: 'summer' }) });
      await epoch.locator('h2 .state-complete').waitFor();
      await epoch.locator('.outcome-suspended', { hasText: '1 suspended' }).waitFor();
      const failures = epoch
        .locator('table', { hasText: 'still out of service' })
        .locator('tbody tr');
      expect(await failures.count()).to.equal(1);
      expect(await failures.innerText())
        .to.match(/\btill\b/)
        .and.contain('already registered');
      const turns = epoch.locator('table', { hasText: 'The turn of each vat' }).locator('tbody tr');
      await turns.filter({ hasText: 'shop' }).locator('.state-restarted').waitFor();
      await turns.filter({ hasText: 'till' }).locator('.state-suspended').waitFor();
      await lookAt(page, '4-restarted');

      // The shop goes on. What is sent to the till waits.
      expect(await summer.call('shop', 'sell', 4)).to.equal(7);
      await goTo(page, 'Vats', 'Vats');
      const row = (name: string) => page.locator('tbody tr').filter({ hasText: name });
      await row('till').locator('a').click();
      await page.locator('h1', { hasText: 'till' }).waitFor();
      await page.locator('summary', { hasText: 'Send a message' }).click();
      await page.locator('#send-method').fill('add');
      await page.locator('#send-args').fill('7');
      await page.locator('button', { hasText: 'Send it' }).click();
      const kpid = (await page.locator('.outcome-open a').textContent())!;
      await goTo(page, 'Vats', 'Vats');
      await row('shop').locator('.state-running').waitFor();
      await row('till').locator('.state-suspended').waitFor();
      await row('till').locator('td[data-head=waiting]', { hasText: /^1$/ }).waitFor();
      await lookAt(page, '5-vats');
      await row('till').locator('a').click();
      await page.locator('h1', { hasText: 'till' }).waitFor();
      await page.locator('.out-of-service pre', { hasText: 'already registered' }).waitFor();
      await seeFact(page, 'why', 'failed');
      const waiting = page.locator('table', { hasText: 'Waits for the vat' }).locator('tbody tr');
      await waiting.filter({ hasText: 'add' }).filter({ hasText: kpid }).waitFor();
      await lookAt(page, '6-out-of-service');

      // The same code fails again, and the page says so.
      await page.locator('summary', { hasText: 'Resume' }).click();
      await page.locator('button', { hasText: 'Resume this vat' }).click();
      await page.locator('.outcome-problem', { hasText: 'already registered' }).waitFor();

      // Nothing ends by a slip: its name must be typed.
      await page.locator('summary', { hasText: 'Terminate' }).click();
      await page.locator('#terminate-confirm').fill('shop');
      await page.locator('button', { hasText: 'Terminate this vat' }).click();
      await page.locator('.outcome-problem', { hasText: 'type till' }).waitFor();
      await seeFact(page, 'state', 'suspended');

      // Mended: what waited is delivered.
      await page.locator('summary', { hasText: 'Upgrade' }).click();
      await page.locator('input[type=file]').setInputFiles(mendedBundle);
      await lookAt(page, '7-upgrade');
      await page.locator('button', { hasText: 'Upgrade this vat' }).click();
      await page.locator('.outcome-done', { hasText: 'Upgraded.' }).waitFor();
      await page.locator('.empty', { hasText: 'Nothing waits' }).waitFor();
      await page.locator('.out-of-service').waitFor({ state: 'detached' });
      await seeFact(page, 'state', 'running');
      await seeFact(page, 'platform epoch', 'summer');
      await lookAt(page, '8-mended');
      await page.locator('#id').fill(kpid);
      await page.locator('button', { hasText: /^Go$/ }).click();
      await seeFact(page, 'resolved in block', /^\d+$/);
      expect(await page.locator('section pre').first().textContent()).to.equal('12');
      await lookAt(page, '9-result');
      const result = await summer.ask(`/v1/results/${kpid}`);
      expect(result.json).to.deep.include({ status: 'fulfilled', value: 12 });
      await page.goBack();
      await page.locator('h1', { hasText: 'till' }).waitFor();
      await page.locator('.links a', { hasText: 'Transcript' }).click();
      const delivered = page.locator('tbody tr').filter({ hasText: 'add' }).first();
      await delivered.locator('td[data-head=failed]', { hasText: 'no' }).waitFor();
      await lookAt(page, '10-delivered');

      // Nothing is left.
      await goTo(page, 'Overview', 'Overview');
      await seeFact(page, 'waiting for vats out of service', /^0$/);
      await seeFact(page, 'run-queue', /^0$/);
      await seeFact(page, 'suspended', /^0$/);
      await seeFact(page, 'platform epoch', /^summer \(complete\)$/);
      await lookAt(page, '11-evening');
      await goTo(page, 'Activity', 'Activity');
      await page.locator('.plot canvas').nth(2).waitFor();
      await lookAt(page, '12-activity');
      expect((await summer.end('SIGTERM')).how).to.deep.equal([0, null]);
      expect(await page.evaluate('window.notReloaded')).to.equal(true);
      // A refused action is an answer with an error's status, which browsers log.
      const isRefusal = (fault: string) => /status of (400|409) /.test(fault);
      expect(faults.filter(fault => !isRefusal(fault))).to.deep.equal([]);
    } finally {
      await browser.close();
      expect((await inspector.end('SIGTERM')).how).to.deep.equal([0, null]);
    }
    const verified = await command('store', 'verify', '--home', home);
    expect(verified.code, verified.stdout).to.equal(0);
  });
});
