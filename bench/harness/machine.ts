/** What a result depends on beside the code: printed above every table, and kept in the JSON. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { BenchOptions } from './options.js';

export type Conditions = Readonly<Record<string, string | number | boolean>>;

const root = new URL('../../', import.meta.url);

const versionOf = (name: string): string => {
  const file = new URL(`node_modules/${name}/package.json`, root);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
};

/** Of a checkout; a package that was unpacked has none. */
const revision = (): string => {
  try {
    const options = { cwd: fileURLToPath(root), encoding: 'utf8' } as const;
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], options).trim();
    const isClean = execFileSync('git', ['status', '--porcelain'], options).trim() === '';
    return isClean ? commit : `${commit}, with changes`;
  } catch {
    return 'unknown';
  }
};

export const readConditions = ({ settings, rounds }: BenchOptions): Conditions => ({
  machine: `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}`,
  node: process.version,
  revision: revision(),
  '@agoric/swingset-vat': versionOf('@agoric/swingset-vat'),
  '@agoric/swing-store': versionOf('@agoric/swing-store'),
  '@agoric/xsnap': versionOf('@agoric/xsnap'),
  'better-sqlite3': versionOf('better-sqlite3'),
  'reap interval': settings.reapInterval,
  'our platform': settings.platform,
  'locked down by': settings.init === 'endo' ? '@endo/init' : 'lib/cli/init.ts (peer: @endo/init)',
  rounds,
  sizes: settings.quick ? 'a tenth (--quick): not for comparison' : 'full',
});

export const formatConditions = (conditions: Conditions): string =>
  Object.entries(conditions)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
