/**
 * Imports every path and name that SwingSet has, and every one that the installed packages import:
 * `node imports.mjs wanted.json`, which holds `names`, `{ [specifier]: names of SwingSet's module }`,
 * and `leftOut`, the names that this package documents as not exported. The last line is JSON.
 */
import '@endo/init/debug.js';
// Modules of vats need the global `VatData`, as in vats and in prepared tests.
import '@agoric/swingset-liveslots/tools/setup-vat-data.js';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ALIASES = ['@agoric/swingset-vat', '@agoric/swing-store'];
const packages = join(process.cwd(), 'node_modules/@agoric');
const { names: theirs, leftOut } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

/** Specifiers of modules, with the names that are imported from each. */
const wanted = new Map();
const want = (specifier, names) => {
  if (!wanted.has(specifier)) wanted.set(specifier, new Set());
  for (const name of names) wanted.get(specifier).add(name);
};

const SPECIFIER = /["'](@agoric\/(?:swingset-vat|swing-store)(?:\/[\w./-]+)?)["']/g;
const NAMED =
  /^import\s*\{([^}]*)\}\s*from\s*["'](@agoric\/(?:swingset-vat|swing-store)[^"']*)["']/gm;

const namesIn = list =>
  list
    .replaceAll(/\/\/.*$/gm, '')
    .split(',')
    .map(part => part.trim().replace(/\s+as\s+.*/s, ''))
    .filter(name => name !== '' && !name.startsWith('type '));

const scan = source => {
  const text = source.replaceAll(/^\s*\/\/.*$/gm, '');
  for (const [, specifier] of text.matchAll(SPECIFIER)) want(specifier, []);
  for (const [, list, specifier] of text.matchAll(NAMED)) want(specifier, namesIn(list));
};

const isSource = name =>
  /\.(js|mjs|ts|json)$/.test(name) &&
  !name.endsWith('.d.ts') &&
  !name.endsWith('package.json') &&
  !name.includes('node_modules');
for (const name of readdirSync(packages)) {
  if (ALIASES.includes(`@agoric/${name}`)) continue;
  for (const file of readdirSync(join(packages, name), { recursive: true }).filter(isSource)) {
    scan(readFileSync(join(packages, name, file), 'utf8'));
  }
}
const used = wanted.size;
for (const [specifier, names] of Object.entries(theirs)) want(specifier, names);

/** Modules that only ava's own workers can import. */
const needsAva = specifier => /\/tools\/(prepare-.*|dvo-test-harness)\.js$/.test(specifier);

const failures = [];
const missing = [];
let names = 0;
for (const [specifier, expected] of wanted) {
  try {
    const file = fileURLToPath(import.meta.resolve(specifier));
    if (!existsSync(file)) throw Error(`no ${file}`);
    const found = needsAva(specifier) ? undefined : await import(specifier);
    if (!found) continue;
    for (const name of expected) {
      if (name in found) names += 1;
      else if (leftOut.includes(name)) missing.push(`${name} of ${specifier}`);
      else failures.push(`${specifier} has no ${name}`);
    }
  } catch (error) {
    failures.push(`${specifier}: ${error.message.split('\n')[0]}`);
  }
}
console.log(JSON.stringify({ paths: wanted.size, used, names, leftOut: missing, failures }));
