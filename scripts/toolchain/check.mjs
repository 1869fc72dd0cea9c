// Run by npm as `preinstall`, so plain JS without dependencies.
//
// xsnap is always compiled where it is installed, better-sqlite3 where its prebuilt binary
// can't be downloaded. Without a compiler both fail with pages of output whose cause is easily
// missed: say it in one line, and say what to install.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const { env } = process;

const onPath = command =>
  (env.PATH ?? '')
    .split(delimiter)
    .filter(dir => dir !== '')
    .some(dir => {
      const file = join(dir, command);
      try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
      } catch {
        return false;
      }
    });

const needed = [
  // make runs `cc`; CC names another.
  { what: 'a C compiler (cc)', found: Boolean(env.CC) || onPath('cc') },
  { what: 'make', found: onPath('make') },
];
const perhapsNeeded = [
  { what: 'a C++ compiler (c++)', found: Boolean(env.CXX) || onPath('c++') || onPath('g++') },
  { what: 'Python 3', found: Boolean(env.PYTHON) || onPath('python3') },
];

const list = tools => tools.map(({ what }) => what).join(' and ');
const missing = needed.filter(({ found }) => !found);
const perhapsMissing = perhapsNeeded.filter(({ found }) => !found);

if (perhapsMissing.length > 0) {
  console.warn(
    `swingset-kernel: ${list(perhapsMissing)} not found; better-sqlite3 needs them where no ` +
      'prebuilt binary of it can be downloaded: apt-get install build-essential python3',
  );
}
if (missing.length > 0) {
  console.error(
    `swingset-kernel needs ${list(missing)} to build its XS workers (xsnap): ` +
      'apt-get install build-essential',
  );
  process.exitCode = 1;
}
