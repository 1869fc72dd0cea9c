import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import {
  loadBasedir,
  loadSwingsetConfigFile,
  normalizeConfig,
} from '../../lib/controller/config-files.js';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import {
  BadOptionsError,
  ConfigFileError,
  MissingSourceError,
} from '../../lib/controller/errors.js';
import { errorOf } from './support.js';

describe('configurations from files', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await realpath(await mkdtemp(join(tmpdir(), 'config-')));
  });

  afterEach(() => rm(dir, { recursive: true }));

  const write = async (name: string, content: unknown) => {
    const path = join(dir, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };

  describe('loadBasedir', () => {
    it('takes vat-NAME.js for vats and bootstrap.js for the bootstrap vat', async () => {
      for (const name of ['vat-b.js', 'vat-a-1.js', 'bootstrap.js', 'vat-x.txt', 'other.js']) {
        await write(name, '');
      }
      await write('vat-dir.js/index.js', '');
      expect(loadBasedir(dir)).to.deep.equal({
        vats: {
          'a-1': { sourceSpec: join(dir, 'vat-a-1.js'), parameters: {} },
          b: { sourceSpec: join(dir, 'vat-b.js'), parameters: {} },
          bootstrap: { sourceSpec: join(dir, 'bootstrap.js'), parameters: {} },
        },
        includeDevDependencies: false,
        bootstrap: 'bootstrap',
      });
    });

    it('orders vats by their names, as SwingSet does, because vatIDs follow', async () => {
      for (const name of ['vat-ab.js', 'vat-a-b.js', 'vat-a.js', 'vat-a.b.js', 'bootstrap.js']) {
        await write(name, '');
      }
      const names = ['a', 'a-b', 'a.b', 'ab', 'bootstrap'];
      expect(Object.keys(loadBasedir(dir).vats ?? {})).to.deep.equal(names);
    });

    it('has no bootstrap vat without bootstrap.js, and passes options on', async () => {
      await write('vat-a.js', '');
      const options = { includeDevDependencies: true, bundleFormat: 'nestedEvaluate' } as const;
      expect(loadBasedir(dir, options)).to.deep.equal({
        vats: { a: { sourceSpec: join(dir, 'vat-a.js'), parameters: {} } },
        includeDevDependencies: true,
        bundleFormat: 'nestedEvaluate',
      });
    });

    it('names a directory that is not there', async () => {
      const error = await errorOf(() => loadBasedir(join(dir, 'nowhere')));
      expect(error).to.be.instanceOf(ConfigFileError);
      expect(error.message).to.contain(join(dir, 'nowhere'));
    });
  });

  describe('loadSwingsetConfigFile', () => {
    it('makes paths absolute, finds modules of packages, and leaves the rest', async () => {
      await write('src/boot.js', '');
      await write('bundles/c.json', {});
      await write('node_modules/some-pack/package.json', { name: 'some-pack', main: './main.js' });
      await write('node_modules/some-pack/main.js', '');
      await write('node_modules/some-pack/lib/vat.js', '');
      const path = await write('conf/swingset.json', {
        bootstrap: 'boot',
        defaultReapInterval: 'never',
        bundleCachePath: 'bundles',
        vats: {
          boot: {
            sourceSpec: '../src/boot.js',
            parameters: { a: 1 },
            creationOptions: { critical: true },
          },
          packaged: { sourceSpec: 'some-pack' },
          named: { bundleName: 'c' },
        },
        devices: { d: { sourceSpec: 'some-pack/lib/vat.js' } },
        bundles: { c: { bundleSpec: '../bundles/c.json' } },
      });
      expect(await loadSwingsetConfigFile(path)).to.deep.equal({
        bootstrap: 'boot',
        defaultReapInterval: 'never',
        bundleCachePath: 'bundles',
        vats: {
          boot: {
            sourceSpec: join(dir, 'src/boot.js'),
            parameters: { a: 1 },
            creationOptions: { critical: true },
          },
          packaged: { sourceSpec: join(dir, 'node_modules/some-pack/main.js'), parameters: {} },
          named: { bundleName: 'c', parameters: {} },
        },
        devices: { d: { sourceSpec: join(dir, 'node_modules/some-pack/lib/vat.js') } },
        bundles: { c: { bundleSpec: join(dir, 'bundles/c.json') } },
      });
    });

    it('finds modules of packages as an import does (issue 10)', async () => {
      await write('node_modules/esm/package.json', {
        name: 'esm',
        exports: {
          './vat.js': { import: './src/vat.js' },
          './dual.js': { require: './src/dual.cjs', import: './src/dual.js' },
          './old.js': { require: './src/dual.cjs' },
        },
      });
      for (const name of ['vat.js', 'dual.js', 'dual.cjs']) {
        await write(`node_modules/esm/src/${name}`, '');
      }
      const load = async (sourceSpec: string) => {
        const path = await write('esm.json', { vats: { a: { sourceSpec } } });
        return (await loadSwingsetConfigFile(path)).vats?.a?.sourceSpec;
      };
      for (const name of ['vat.js', 'dual.js']) {
        expect(await load(`esm/${name}`)).to.equal(join(dir, 'node_modules/esm/src', name));
      }
      for (const spec of ['esm/old.js', 'esm/src/vat.js', 'node:fs', 'fs']) {
        expect(await errorOf(() => load(spec))).to.be.instanceOf(MissingSourceError);
      }
    });

    it('names a file that is missing, and one that is not JSON', async () => {
      const missing = await errorOf(() => loadSwingsetConfigFile(join(dir, 'none.json')));
      expect(missing).to.be.instanceOf(ConfigFileError);
      expect(missing.message).to.match(/none\.json: can not be read: ENOENT/);
      const path = await write('bad.json', '{ nope');
      const bad = await errorOf(() => loadSwingsetConfigFile(path));
      expect(bad).to.be.instanceOf(ConfigFileError);
      expect(bad.message).to.match(/bad\.json: is not JSON: /);
    });

    it('lists every field that is wrong, with the file', async () => {
      const path = await write('c.json', {
        bootsrap: 'a',
        vats: { a: { sourceSpec: 7, creationOptions: { managerType: 'xnsap' } } },
      });
      const error = await errorOf(() => loadSwingsetConfigFile(path, { strict: true }));
      expect(error).to.be.instanceOf(BadOptionsError);
      expect(error.message.split('\n')).to.have.members([
        `${path}: config.bootsrap: unknown field; did you mean bootstrap?`,
        `${path}: config.vats.a.sourceSpec: expected a path, got 7`,
        `${path}: config.vats.a.creationOptions.managerType: expected one of "xsnap", "local", got "xnsap"`,
      ]);
    });

    it('hands all fields through, and warns of those that neither it nor the host knows', async () => {
      const $comment = 'no field';
      const content = { $comment, vats: {}, loopboxSenders: ['a'], mine: 1, other: 2 };
      const path = await write('c.json', content);
      const warnings: unknown[] = [];
      const console = { warn: (line: unknown) => void warnings.push(line) };
      const hostFields = ['mine'];
      const config: unknown = await loadSwingsetConfigFile(path, { hostFields, console });
      expect(config).to.deep.equal(content);
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.match(/c\.json: config\.other: unknown field; known are/);
      const error = await errorOf(() => loadSwingsetConfigFile(path, { hostFields, strict: true }));
      expect(error.message).to.contain('config.other: unknown field');
    });

    it('takes the configurations that chains boot with: the fields of decentral-*.json', async () => {
      const vatsOf = (...names: string[]) =>
        Object.fromEntries(names.map(name => [name, { sourceSpec: `@chain/vats/src/${name}.js` }]));
      await write('node_modules/@chain/vats/package.json', { name: '@chain/vats' });
      for (const name of ['boot-chain', 'vat-bank']) {
        await write(`node_modules/@chain/vats/src/${name}.js`, '');
      }
      const path = await write('decentral-config.json', {
        $comment: 'A chain with proposals.',
        bootstrap: 'bootstrap',
        defaultReapInterval: 1000,
        snapshotInterval: 1000,
        coreProposals: [
          '@chain/builders/scripts/init-core.js',
          { module: '@chain/builders/scripts/init-psm.js', entrypoint: 'f', args: [{ a: '1' }] },
        ],
        vats: {
          bootstrap: {
            sourceSpec: '@chain/vats/src/boot-chain.js',
            creationOptions: { critical: true },
          },
        },
        clearStorageSubtrees: ['published'],
        exportStorageSubtrees: ['published.wallet'],
        bundles: vatsOf('vat-bank'),
        defaultManagerType: 'xs-worker',
      });
      const warn = (line: unknown) => expect.fail(String(line));
      for (const strict of [false, true]) {
        const config = await loadSwingsetConfigFile(path, { strict, console: { warn } });
        const packaged = (name: string) => join(dir, 'node_modules/@chain/vats/src', name);
        expect(config.vats?.bootstrap).to.deep.equal({
          sourceSpec: packaged('boot-chain.js'),
          creationOptions: { critical: true },
          parameters: {},
        });
        expect(config.bundles).to.deep.equal({
          'vat-bank': { sourceSpec: packaged('vat-bank.js') },
        });
      }
    });

    it('finds sources where SwingSet does: a package first, and files without extension', async () => {
      await write('node_modules/pack/package.json', { name: 'pack' });
      for (const name of [
        ...['node_modules/pack/vat.js', 'pack/vat.js', 'pack/other.js', 'vat-a.js', 'noext'],
        ...['folder/index.js', 'fs', 'with space.js'],
      ]) {
        await write(name, '');
      }
      await symlink(join(dir, 'vat-a.js'), join(dir, 'vat-link.js'));
      const load = async (sourceSpec: string) => {
        const path = await write('sources.json', { vats: { a: { sourceSpec } } });
        const { vats } = await loadSwingsetConfigFile(path);
        return relative(dir, vats?.a?.sourceSpec ?? '');
      };
      for (const [spec, found] of [
        ['pack/vat.js', 'node_modules/pack/vat.js'],
        ['./pack/vat.js', 'pack/vat.js'],
        ['pack/other.js', 'pack/other.js'],
        ['./vat-a', 'vat-a.js'],
        ['vat-a', 'vat-a.js'],
        ['./noext', 'noext'],
        ['./folder', 'folder/index.js'],
        ['fs', 'fs'],
        ['./with space.js', 'with space.js'],
        ['./vat-link.js', 'vat-a.js'],
        [join(dir, 'vat-a.js'), 'vat-a.js'],
        [pathToFileURL(join(dir, 'vat-a.js')).href, 'vat-a.js'],
      ] as const) {
        expect(await load(spec), spec).to.equal(found);
      }
      const error = await errorOf(() => load('./vat-b'));
      expect(error.message).to.equal(
        `config.vats.a.sourceSpec: there is no file ${join(dir, 'vat-b')}`,
      );
    });

    it('names a source that is not there', async () => {
      const path = await write('c.json', { vats: { a: { sourceSpec: './gone.js' } } });
      const error = await errorOf(() => loadSwingsetConfigFile(path));
      expect(error).to.be.instanceOf(MissingSourceError);
      expect(error).to.include({
        field: 'config.vats.a.sourceSpec',
        path: join(dir, 'gone.js'),
      });
    });
  });

  it('normalizes a configuration in place', async () => {
    await write('a.js', '');
    const config: SwingSetConfig = { vats: { a: { sourceSpec: './a.js' } } };
    expect(await normalizeConfig(config, join(dir, 'swingset.json'))).to.equal(config);
    expect(config.vats!.a).to.deep.equal({ sourceSpec: join(dir, 'a.js'), parameters: {} });
  });
});
