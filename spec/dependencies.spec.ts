/** What an installation runs and trusts: the lockfiles. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../', import.meta.url));

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
}

interface Lockfile {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, Locked>>;
}

const read = <T>(path: string): T => JSON.parse(readFileSync(`${root}${path}`, 'utf8')) as T;

/** Of the project, and of each part of its specs that has packages of its own. */
const LOCKFILES = ['.', 'spec/hosts/ses2', 'spec/mutation', 'spec/real-vats'] as const;

const packagesOf = (folder: string): readonly (readonly [name: string, Locked])[] =>
  Object.entries(read<Lockfile>(`${folder}/package-lock.json`).packages)
    .filter(([path]) => path !== '')
    .map(([path, locked]) => [path.replace(/^.*node_modules\//, ''), locked]);

const scriptsOf = (folder: string): readonly string[] =>
  [
    ...new Set(packagesOf(folder).flatMap(([name, each]) => (each.hasInstallScript ? [name] : []))),
  ].sort();

describe('the lockfiles', () => {
  it('pin every package by the hash of its contents', () => {
    for (const folder of LOCKFILES) {
      const packages = packagesOf(folder);
      expect(packages.length, folder).to.be.greaterThan(5);
      const loose = packages.filter(
        ([, { integrity, resolved }]) => integrity === undefined && !resolved?.startsWith('file:'),
      );
      expect(loose, folder).to.deep.equal([]);
    }
  });

  it('name no registry but the one that npm is set to', () => {
    for (const folder of LOCKFILES) {
      const elsewhere = packagesOf(folder).filter(
        ([, { resolved = 'file:' }]) =>
          !/^(?:file:|https:\/\/registry\.npmjs\.org\/)/.test(resolved),
      );
      expect(elsewhere, folder).to.deep.equal([]);
    }
  });
});

describe('scripts that an installation runs', () => {
  const { allowScripts } = read<{ allowScripts: Readonly<Record<string, boolean>> }>(
    'package.json',
  );

  it('are those of the native parts', () => {
    expect(scriptsOf('.')).to.deep.equal([
      // Compiles the XS engine, and the binding of SQLite.
      ...['@agoric/xsnap', 'better-sqlite3'],
      // Replaces its launcher by the binary that npm has installed. It works without.
      'esbuild',
      // A clock of SwingSet, which specs compare with.
      'microtime',
    ]);
  });

  it('are allowed by name, and no other is', () => {
    expect(allowScripts).to.deep.equal({
      '@agoric/xsnap': true,
      'better-sqlite3': true,
      microtime: true,
      esbuild: false,
    });
  });
});
