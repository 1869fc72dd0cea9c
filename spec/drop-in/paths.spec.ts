/** Issue 12, item 2: what packages import under SwingSet's name. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
// Makes the global `VatData`, which code of vats needs when it loads.
import '@agoric/swingset-liveslots/tools/setup-vat-data.js';
import { expect } from 'chai';
import ts from 'typescript';
import * as swingset from '@agoric/swingset-vat';
import * as swingStore from '@agoric/swing-store';
import * as api from '../../lib/index.js';
import { exportedPaths, isOwn, needsAva } from './paths.js';

const require = createRequire(import.meta.url);
const swingsetEntry = require.resolve('@agoric/swingset-vat');
const swingsetRoot = join(dirname(swingsetEntry), '..');
const swingStoreEntry = require.resolve('@agoric/swing-store');

/** Names that SwingSet exports and this package does not: docs/differences.md says why. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  '@agoric/swing-store': [
    'makeBundleStore',
    'makeKVStore',
    'makeSnapStore',
    'makeSnapStoreIO',
    'makeTranscriptStore',
  ],
  'src/vats/timer/vat-timer.js': ['debugTools'],
  'src/devices/timer/device-timer.js': ['curryPollFn', 'makeTimerMap'],
};

/** Only its kernel's newer source has these. */
const NEWER = ['tools/test-swingset.js', 'tools/vat-puppet-v2.js'];

/** The list. */
const NAMED = [
  ...['prepare-test-env-ava', 'prepare-strict-test-env-ava', 'bundleTool', 'run-utils'],
  ...['manual-timer', 'vat-puppet', 'vat-puppet-v2', 'test-swingset', 'dvo-test-harness'],
  'bootstrap-relay',
]
  .map(name => `tools/${name}.js`)
  .concat(
    ['vattp/vat-vattp', 'vat-admin/vat-vat-admin', 'timer/vat-timer', 'comms/index'].map(
      name => `src/vats/${name}.js`,
    ),
    ['bridge', 'command', 'loopbox', 'mailbox', 'plugin', 'timer'].flatMap(name => [
      `src/devices/${name}/${name}.js`,
      `src/devices/${name}/device-${name}.js`,
    ]),
    ['initializeSwingset', 'controller', 'bundle-handler'].map(name => `src/controller/${name}.js`),
    ['devices/bundle/device-bundle', 'devices/vat-admin/device-vat-admin'].map(
      name => `src/${name}.js`,
    ),
    ['kernel/state/reachable', 'kernel/vat-loader/types', 'lib/parseVatSlots'].map(
      name => `src/${name}.js`,
    ),
    ['src/vats/plugin-manager.js', 'src/types-external.js'],
  );

const namesOf = async (file: string): Promise<string[]> =>
  Object.keys((await import(file)) as object).sort();

/** Names of the types and values that each module exports, by path. */
const readExports = (files: readonly string[]): ReadonlyMap<string, readonly string[]> => {
  const program = ts.createProgram(files, {
    allowJs: true,
    checkJs: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    maxNodeModuleJsDepth: 10,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  });
  const checker = program.getTypeChecker();
  const exportsOf = (file: string): string[] => {
    const symbol = checker.getSymbolAtLocation(program.getSourceFile(file)!);
    return symbol ? checker.getExportsOfModule(symbol).map(({ name }) => name) : [];
  };
  return new Map(files.map(file => [file, exportsOf(file)]));
};

describe('the paths that packages import', () => {
  it('are all there, with types', () => {
    expect(exportedPaths.map(({ path }) => path)).to.include.members(NAMED);
    for (const { path, source, entry } of exportedPaths) {
      expect(existsSync(source), path).to.equal(true);
      expect(entry.types, path).to.match(/^\.\/dist\/.+\.d\.ts$/);
    }
  });

  for (const exported of exportedPaths.filter(given => !needsAva(given))) {
    const { path, source } = exported;
    if (path === '' || isOwn(exported) || NEWER.includes(path)) continue;
    it(`${path} exports what SwingSet's module exports`, async () => {
      const expected = await namesOf(join(swingsetRoot, path));
      const leftOut = LEFT_OUT[path] ?? [];
      const names = await namesOf(source);
      expect(names).to.include.members(expected.filter(name => !leftOut.includes(name)));
      expect(leftOut.filter(name => names.includes(name))).to.deep.equal([]);
    });
  }
});

describe('the names that packages import', () => {
  it('are those of the entries of SwingSet and swing-store', () => {
    const leftOut = LEFT_OUT['@agoric/swing-store']!;
    expect(Object.keys(api)).to.include.members(Object.keys(swingset));
    expect(Object.keys(api)).to.include.members(
      Object.keys(swingStore).filter(name => !leftOut.includes(name)),
    );
    expect(Object.keys(swingStore)).to.include.members(leftOut);
  });

  it('include those that newer hosts import', () => {
    expect(api).to.include.keys('applyVatOptionUpdates', 'importMailbox', 'exportMailbox');
  });

  it('are explained where they are left out', () => {
    const text = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8');
    for (const name of Object.values(LEFT_OUT).flat()) expect(text).to.contain(`\`${name}\``);
  });

  it('include every type', () => {
    const ours = exportedPaths.find(({ path }) => path === '')!.source;
    const names = readExports([ours, swingsetEntry, swingStoreEntry]);
    expect(names.get(swingsetEntry)).to.include.members(['VatAdminSvc', 'ShutdownWithFailure']);
    expect(names.get(swingStoreEntry)).to.include.members(['SwingStoreExporter', 'ArtifactMode']);
    const theirs = [...names.get(swingsetEntry)!, ...names.get(swingStoreEntry)!];
    const leftOut = Object.values(LEFT_OUT).flat();
    expect(names.get(ours)).to.include.members(theirs.filter(name => !leftOut.includes(name)));
  });
});
