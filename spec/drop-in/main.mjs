/**
 * Puts this package in the place of `@agoric/swingset-vat` and `@agoric/swing-store` under packages
 * of agoric-sdk from the registry, and runs them: `npm run test:drop-in [-- options]`. See README.md.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, cpSync, existsSync, mkdtempSync } from 'node:fs';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { leftOutNames, originalNames } from './original-names.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    config: { type: 'string', multiple: true },
    build: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const root = join(import.meta.dirname, '../..');
const home = mkdtempSync(join(tmpdir(), 'swingset-drop-in-'));
const logs = join(home, 'logs.txt');

/** @returns what the command printed; rejects with the end of it when the command fails */
const run = (command, args, { cwd = home, ...options } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const log = createWriteStream(logs, { flags: 'a' });
    let text = '';
    const take = chunk => {
      text += chunk;
      log.write(chunk);
    };
    child.stdout.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', reject);
    child.once('close', code => {
      log.end();
      if (code === 0) resolve(text);
      else reject(Error(`${command} ${args.join(' ')}: exit code ${code}\n${text.slice(-3000)}`));
    });
  });

/** The JSON in the last line that a script of the host prints. */
const runHost = async (script, ...args) => {
  const text = await run(process.execPath, [join('drop-in/host', script), ...args]);
  return JSON.parse(text.trimEnd().split('\n').at(-1));
};

const NATIVE = ['@agoric/xsnap', 'better-sqlite3'];

const versionIn = folder => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;

/** Compiling these takes minutes, and the project has done it. */
const takeCompiled = name => {
  const [ours, theirs] = [root, home].map(folder => join(folder, 'node_modules', name));
  if (versionIn(ours) !== versionIn(theirs)) {
    throw Error(`the host has ${name} ${versionIn(theirs)}, not ${versionIn(ours)}: use --build`);
  }
  cpSync(ours, theirs, { recursive: true });
};

const install = async () => {
  const host = join(import.meta.dirname, 'host');
  cpSync(join(host, 'package.json'), join(home, 'package.json'));
  cpSync(host, join(home, 'drop-in/host'), { recursive: true });
  for (const name of ['vats', 'contracts', 'scenario.js', 'swingset.json']) {
    const from = join(root, 'spec/real-vats', name);
    cpSync(from, join(home, 'real-vats', name), { recursive: true });
  }
  const packed = await run('npm', ['pack', '--json', '--pack-destination', home], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { filename } = JSON.parse(packed.slice(packed.search(/^\[/m)))[0];
  cpSync(join(home, filename), join(home, 'swingset-kernel.tgz'));
  const options = ['--no-fund', '--no-audit', ...(values.build ? [] : ['--ignore-scripts'])];
  await run('npm', ['install', ...options]);
  if (!values.build) for (const name of NATIVE) takeCompiled(name);
  // The registry's @agoric/builders lacks its index.js, which cosmic-swingset imports for tools only.
  writeFileSync(join(home, 'node_modules/@agoric/builders/index.js'), 'export {};\n');
};

const results = { failures: [] };

const checkImports = async () => {
  const file = join(home, 'names.json');
  const wanted = { names: await originalNames(root), leftOut: leftOutNames(root) };
  writeFileSync(file, JSON.stringify(wanted));
  const found = await runHost('imports.mjs', file);
  results.failures.push(...found.failures);
  console.log(`  left out, as docs/differences.md says: ${found.leftOut.join(', ')}`);
  return `${found.paths} paths (${found.used} of them imported by the installed packages), ${found.names} names`;
};

const playMarkets = async () => {
  const { checks } = await runHost('markets.mjs');
  return `Zoe's scenario: ${checks} values as expected`;
};

/** Spec files that packages ship, and that import SwingSet's names: `{ zone: ['test/exos.test.js'] }`. */
const shippedSpecs = () => {
  const packages = join(home, 'node_modules/@agoric');
  const found = {};
  for (const name of readdirSync(packages)) {
    const folder = join(packages, name);
    if (name.startsWith('swing') || !existsSync(join(folder, 'test'))) continue;
    const specs = readdirSync(join(folder, 'test'), { recursive: true })
      .filter(file => file.endsWith('.test.js'))
      .map(file => join('test', file))
      .filter(file => readFileSync(join(folder, file), 'utf8').includes('@agoric/swingset-vat'));
    if (specs.length > 0) found[name] = specs;
  }
  return found;
};

/** ava runs no specs in `node_modules`, so it gets copies of the packages. */
const runShippedSpecs = async () => {
  let passed = 0;
  const files = [];
  for (const [name, specs] of Object.entries(shippedSpecs())) {
    const copy = join(home, 'packages', name);
    cpSync(join(home, 'node_modules/@agoric', name), copy, { recursive: true });
    const ava = join(home, 'node_modules/ava/entrypoints/cli.mjs');
    const tap = await run(process.execPath, [ava, '--tap', ...specs], { cwd: copy });
    passed += Number(/^# pass (\d+)$/m.exec(tap)?.[1]);
    files.push(...specs.map(file => `${name}/${file}`));
  }
  return `${passed} tests pass that packages ship (${files.join(', ')})`;
};

const CONFIGS = [
  ...['core', 'demo', 'devnet', 'itest-orchestration', 'itest-orchestration-chains'],
  ...['itest-vaults', 'main-vaults', 'test-vaults'],
].map(name => `decentral-${name}`);

const bootConfigs = async () => {
  const names = values.config ?? CONFIGS;
  let booted = 0;
  for (const name of names) {
    try {
      const { vats, paths, proposals, leftOut } = await runHost('boot-config.mjs', name);
      booted += 1;
      console.log(`  ${name}: ${vats} vats, ${proposals} core proposals, ${paths} paths published`);
      for (const { module, reason } of leftOut) console.log(`    without ${module}: ${reason}`);
    } catch (error) {
      results.failures.push(`${name}: ${error.message}`);
      console.log(`  ${name}: failed`);
    }
  }
  return `${booted} of ${names.length} configurations booted`;
};

const PARTS = {
  imports: checkImports,
  tests: runShippedSpecs,
  markets: playMarkets,
  configs: bootConfigs,
};
const parts = values.only ?? Object.keys(PARTS);
const unknown = parts.filter(name => !(name in PARTS));
if (unknown.length > 0) {
  throw Error(`No part "${unknown.join('", "')}". Parts: ${Object.keys(PARTS).join(', ')}.`);
}

try {
  console.log(`packs and installs in ${home}`);
  await install();
  for (const name of parts) {
    try {
      console.log(await PARTS[name]());
    } catch (error) {
      results.failures.push(`${name}: ${error.message}`);
    }
  }
} catch (error) {
  results.failures.push(error.message);
} finally {
  if (values.keep) console.log(`kept ${home}; ${logs} has everything that was printed`);
  else rmSync(home, { recursive: true, force: true });
}
for (const failure of results.failures) console.log(`FAILED ${failure}`);
if (results.failures.length > 0) process.exitCode = 1;
