/** A page in headless Chromium that must have no fault, and pictures of it for people. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { chromium, type Browser, type Page } from 'playwright-core';

/** The machine may be slow; nothing here measures time. */
export const PATIENCE = 120_000;

export interface OpenPage {
  readonly browser: Browser;
  readonly page: Page;
  /** Errors of scripts, refused loads, requests to elsewhere. */
  readonly faults: readonly string[];
}

const DESKTOP = { width: 1100, height: 900 };
const PHONE = { width: 375, height: 800 };

/** Where pictures go. Without it, none are taken. */
const pictures = process.env['PAGE_PICTURES'];

/** Opens a page of the inspector, which must load nothing from elsewhere. */
export const openPage = async (executablePath: string, url: string): Promise<OpenPage> => {
  const origin = new URL(url).origin;
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    timeout: PATIENCE,
  });
  const context = await browser.newContext({ colorScheme: 'light', viewport: DESKTOP });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', error => faults.push(`script: ${error.message}`));
  page.on('console', message => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  context.on('request', request => {
    if (!request.url().startsWith(`${origin}/`)) faults.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { browser, page, faults };
};

/** It fits a desktop and a phone. With `PAGE_PICTURES=<dir>`, pictures of it are written there. */
export const lookAt = async (page: Page, name: string): Promise<void> => {
  const picture = async (kind: string): Promise<void> => {
    if (pictures === undefined) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}-${kind}.png`), fullPage: true });
  };
  await picture('light');
  if (pictures !== undefined) {
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture('dark');
    await page.emulateMedia({ colorScheme: 'light' });
  }
  await page.setViewportSize(PHONE);
  const width = await page.evaluate<number>('document.documentElement.scrollWidth');
  await picture('phone');
  await page.setViewportSize(DESKTOP);
  expect(width, `${name} on a phone`).to.be.at.most(PHONE.width);
};
