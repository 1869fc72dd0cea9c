/** The inspector's page in headless Chromium. Skipped where there is none (set CHROMIUM). */
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import type { PulseAnswer } from '../../lib/inspector/answers.js';
import type { Inspector } from '../../lib/inspector/start-inspector.js';
import { skipWithoutChromium } from '../support/chromium.js';
import { openPage, PATIENCE } from './support/browser.js';
import { makeAsk } from './support/client.js';
import { HOSTILE, makeSwingset, type Swingset } from './support/swingset.js';

describe("the inspector's page in a browser", () => {
  let swingset: Swingset;
  let inspector: Inspector;
  let browser: Browser;
  let page: Page;
  let origin: string;

  let faults: readonly string[];

  before(async function open() {
    const executablePath = skipWithoutChromium(this);
    swingset = await makeSwingset();
    inspector = await swingset.inspect({ slog: swingset.slog });
    origin = new URL(inspector.url).origin;
    ({ browser, page, faults } = await openPage(executablePath, inspector.url));
  });

  after(async () => {
    await browser?.close();
    await swingset?.close();
  });

  const heading = () => page.locator('h1');

  const seeHeading = async (text: string): Promise<void> => {
    await page.locator('h1', { hasText: text }).waitFor();
  };

  const visit = async (path: string, title: string): Promise<void> => {
    await page.goto(origin + path);
    await seeHeading(title);
    await page.locator('main .loading').first().waitFor({ state: 'detached' });
  };

  /** The text of the focused element. */
  const focused = (): Promise<string> => page.evaluate('document.activeElement?.textContent ?? ""');

  const tabTo = async (text: string): Promise<void> => {
    for (let step = 0; step < 200; step += 1) {
      await page.keyboard.press('Tab');
      if ((await focused()) === text) return;
    }
    throw Error(`the keyboard does not reach ${text}`);
  };

  it('takes the token from the URL, and hides it', async () => {
    await page.locator('.facts dt', { hasText: 'cranks so far' }).waitFor();
    expect(page.url()).to.equal(`${origin}/`);
    expect(await page.title()).to.match(/^Overview/);
  });

  it('is used with the keyboard only: skip link, views, a vat, its c-list, a kref', async () => {
    await page.keyboard.press('Tab');
    expect(await focused()).to.equal('Skip to the content');
    await tabTo('Vats');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).to.equal('solid');
    await page.keyboard.press('Enter');
    await page.locator('tbody tr').nth(2).waitFor();
    expect(await focused()).to.equal('Vats');
    const vatID = (await page
      .locator('tbody tr', { hasText: 'maker' })
      .locator('a')
      .textContent())!;
    await tabTo(vatID);
    await page.keyboard.press('Enter');
    await seeHeading(`Vat ${vatID}`);
    await page.locator('.links a', { hasText: 'C-list' }).waitFor();
    await tabTo('C-list');
    await page.keyboard.press('Enter');
    await seeHeading(`C-list of ${vatID}`);
    const kref = (await page.locator('tbody .ref').first().textContent())!;
    await tabTo(kref);
    await page.keyboard.press('Enter');
    await seeHeading(`Object ${kref}`);
    await page.locator('table', { hasText: 'C-list of' }).waitFor();
    await page.goBack();
    await seeHeading(`C-list of ${vatID}`);
  });

  it('goes to what is typed, and says what can be', async () => {
    await page.locator('#id').fill('kp41');
    await page.keyboard.press('Enter');
    await seeHeading('Promise kp41');
    await page.locator('#id').fill('javascript:alert(1)');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.getElementById("id").validationMessage')).to.match(/ko20/);
    expect(await heading().textContent()).to.equal('Promise kp41');
  });

  it('has tables of pages, and links to the next ones', async () => {
    await visit('/objects', 'Objects');
    expect(await page.locator('tbody tr').count()).to.equal(50);
    const first = await page.locator('tbody .ref').first().textContent();
    await page.locator('.pager a', { hasText: 'Next page' }).click();
    await page.locator('.pager a', { hasText: 'First page' }).waitFor();
    expect(await page.locator('tbody .ref').first().textContent()).not.to.equal(first);
  });

  it('shows hostile names and errors as text', async () => {
    await visit('/epochs', 'Platform epochs');
    const text = await page.locator('main').innerText();
    expect(text)
      .to.include(HOSTILE)
      .and.include('<script>window.hacked = 1</script> starts no more');
    // It would turn the text after it around.
    expect(text).to.include('\\u202e').and.not.include('\u202e');
    await visit('/vats', 'Vats');
    await page.locator('a', { hasText: /^v/ }).nth(2).waitFor();
    await page.locator('tbody tr', { hasText: HOSTILE }).locator('a').click();
    await seeHeading(HOSTILE);
    await page.locator('.out-of-service pre', { hasText: 'starts no more' }).waitFor();
    expect(await page.evaluate('window.hacked')).to.equal(undefined);
    expect(await page.locator('main img').count()).to.equal(0);
  });

  it('sees a commit without a reload', async () => {
    await visit('/queues/acceptance', 'Acceptance queue');
    const rows = page.locator('tbody tr');
    const before = await rows.count();
    expect(before).to.be.greaterThan(0);
    await page.evaluate('window.notReloaded = true');
    await swingset.host.run();
    await page.locator('.empty', { hasText: 'The acceptance queue is empty.' }).waitFor();
    expect(await page.evaluate('window.notReloaded')).to.equal(true);
  });

  it('plots cranks and time, with the numbers in a table', async () => {
    await visit('/activity', 'Activity');
    await page.locator('.plot canvas').nth(2).waitFor();
    const plots = await page
      .locator('.plot [role=img]')
      .evaluateAll(found => found.map(each => each.getAttribute('aria-label')));
    expect(plots).to.deep.equal([
      'Cranks per block',
      'Cranks over time',
      'Time of the busiest vats',
    ]);
    await page.locator('.plot summary').first().click();
    expect(await page.locator('.plot details[open] tbody tr').count()).to.be.greaterThan(0);
    await page.locator('caption', { hasText: 'Vats by time' }).waitFor();
  });

  it('is dark where the system is, and readable there', async () => {
    const ground = () =>
      page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    expect(await ground()).to.equal('rgb(255, 255, 255)');
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await ground()).to.equal('rgb(20, 23, 28)');
    await page.emulateMedia({ colorScheme: 'light' });
  });

  it('fits a phone', async () => {
    await page.setViewportSize({ width: 375, height: 800 });
    for (const [path, title] of [
      ['/', 'Overview'],
      ['/vats', 'Vats'],
      ['/epochs', 'Platform epochs'],
      ['/activity', 'Activity'],
      ['/promises', 'Promises'],
    ] as const) {
      await visit(path, title);
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect(width, path).to.be.at.most(375);
    }
  });

  it('had no fault: no script error, no refused load, no request to elsewhere', () => {
    expect(faults).to.deep.equal([]);
  });

  it('asks again for what was cut off, for a view and for the clock', async () => {
    const cutOff = async (path: string): Promise<void> => {
      await page.route(
        path,
        route => route.fulfill({ contentType: 'application/json', body: '{"vats": [' }),
        { times: 1 },
      );
    };
    await cutOff('**/api/vats');
    await visit('/vats', 'Vats');
    await page.locator('tbody tr').nth(2).waitFor();
    await cutOff('**/api/pulse*');
    await page.reload();
    await page.locator('#clock.lost').waitFor();
    await page.locator('#clock [role=status]', { hasText: /^live$/ }).waitFor();
  });

  it('shows answers that take longer than the store takes for a commit', async () => {
    let commits = 0;
    await page.route('**/api/objects', async route => {
      const { version } = (await makeAsk(inspector)('/api/pulse')).json as PulseAnswer;
      const told = page.waitForResponse(
        async response =>
          response.url().includes('/api/pulse') &&
          ((await response.json()) as PulseAnswer).version > version,
      );
      swingset.send('maker', 'make', (commits += 1));
      await swingset.host.commit();
      await told;
      // Another commit may have asked for something newer, and given this up.
      await route.continue().catch(() => undefined);
    });
    await visit('/objects', 'Objects');
    await page.locator('tbody tr').nth(2).waitFor();
    expect(commits).to.be.greaterThan(0);
    await page.unroute('**/api/objects');
  });

  it('works in a browser that keeps nothing for it, also after a reload', async () => {
    const other = await browser.newContext();
    other.setDefaultTimeout(PATIENCE);
    await other.addInitScript(`
      Object.defineProperty(window, 'localStorage', { get() { throw Error('denied'); } });
    `);
    const strict = await other.newPage();
    await strict.goto(inspector.url);
    await strict.locator('#clock', { hasText: 'live' }).waitFor();
    await strict.reload();
    await strict.locator('#clock', { hasText: 'live' }).waitFor();
    await other.close();
  });

  it('says so without the token', async () => {
    const other = await browser.newContext();
    other.setDefaultTimeout(PATIENCE);
    const stranger = await other.newPage();
    await stranger.goto(origin);
    await stranger.locator('.problem', { hasText: 'UNAUTHORIZED' }).waitFor();
    await stranger.locator('#clock', { hasText: 'no token' }).waitFor();
    await other.close();
  });

  it('says so when the inspector is gone, and keeps what it shows', async () => {
    await visit('/vats', 'Vats');
    await page.locator('tbody tr').nth(2).waitFor();
    await inspector.close();
    await page.locator('#clock', { hasText: 'not connected' }).waitFor();
    expect(await page.locator('tbody tr').count()).to.equal(4);
  });
});
