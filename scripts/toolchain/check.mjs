// npm runs this as `preinstall`, so it is plain JS without dependencies.
//
// Installing compiles xsnap always, and better-sqlite3 if its prebuilt binary can't be downloaded.
// Without a compiler both fail with pages of output. This says in one line what is missing and what
// to install.
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
  // make runs `cc`, or what CC names.
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
    `swingset-kernel: ${list(perhapsMissing)} not found. better-sqlite3 needs them if its prebuilt ` +
      'binary can not be downloaded: apt-get install build-essential python3',
  );
}
if (missing.length > 0) {
  console.error(
    `swingset-kernel needs ${list(missing)} to build its XS workers (xsnap): ` +
      'apt-get install build-essential',
  );
  process.exitCode = 1;
}
