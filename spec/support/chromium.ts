/** The Chromium that specs of pages open. `SPEC_NEEDS_CHROMIUM=1` makes its absence a failure. */
import { existsSync } from 'node:fs';

/** Its path, or undefined where there is none. */
const findChromium = (): string | undefined => {
  const path = [
    process.env['CHROMIUM'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ].find(each => each !== undefined && existsSync(each));
  if (path === undefined && process.env['SPEC_NEEDS_CHROMIUM'] === '1') {
    throw Error('there is no Chromium: install it, or set CHROMIUM to its path');
  }
  return path;
};

/** For a `before` hook: skips the specs of a suite, with a message, where there is no Chromium. */
export const skipWithoutChromium = (context: { skip: () => void }): string => {
  const path = findChromium();
  if (path !== undefined) return path;
  console.log('      skipped: no Chromium here; set CHROMIUM to its path');
  context.skip();
  return '';
};
