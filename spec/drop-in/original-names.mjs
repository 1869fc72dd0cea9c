/** Names that SwingSet's own modules export, read by loading them. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** Paths of this package's `exports` that SwingSet has as well and that any process can import. */
const pathsOf = root => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.keys(exports)
    .filter(path => path.endsWith('.js') && !/\/(prepare-.*|dvo-test-harness)\.js$/.test(path))
    .map(path => `@agoric/swingset-vat${path.slice(1)}`);
};

const reader = `
  import '@endo/init/debug.js';
  const names = {};
  for (const specifier of JSON.parse(process.argv[1])) {
    const { pathname } = new URL(specifier, 'file:');
    const found = await import(pathname).catch(() => undefined);
    if (found) names[specifier] = Object.keys(found);
  }
  console.log(JSON.stringify(names));
`;

/** `{ [specifier]: names }`, for the entries and for each path that both packages have. */
export const originalNames = async root => {
  const specifiers = ['@agoric/swingset-vat', '@agoric/swing-store', ...pathsOf(root)];
  const require = createRequire(join(root, 'package.json'));
  const swingset = join(dirname(require.resolve('@agoric/swingset-vat')), '..');
  const fileOf = specifier => {
    const path = specifier.replace('@agoric/swingset-vat/', '');
    return path === specifier ? require.resolve(specifier) : join(swingset, path);
  };
  const files = specifiers.map(fileOf);
  const args = ['--input-type=module', '--eval', reader, JSON.stringify(files)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  const names = JSON.parse(stdout.trimEnd().split('\n').at(-1));
  return Object.fromEntries(
    specifiers.flatMap((specifier, index) => {
      const found = names[files[index]];
      return found ? [[specifier, found]] : [];
    }),
  );
};

/** Names that docs/differences.md says are not exported, in its section on paths and names. */
export const leftOutNames = root => {
  const text = readFileSync(join(root, 'docs/differences.md'), 'utf8');
  const section = text.slice(text.indexOf('## Paths and names that packages import'));
  const rows = section
    .split('\n')
    .filter(row => /^\|.*(not exported|code of the kernel)/.test(row));
  const inBackticks = ([, imports]) => [...imports.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  return rows.flatMap(row => inBackticks(row.split('|')));
};
