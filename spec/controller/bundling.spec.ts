import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  realpath,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildKernelBundles, builtinVats } from '../../lib/controller/builtin-vats.js';
import { bundleFile, checkForeignBundle, readBundleFile } from '../../lib/controller/bundling.js';
import { BadBundleError } from '../../lib/controller/errors.js';
import { buildSwingsetKernelConfig } from '../../lib/controller/kernel-config.js';
import { computeBundleID } from '../../lib/platform/bundle-id.js';
import { failureOf } from '../support/failure.js';

type Fields = Readonly<Record<string, unknown>>;
interface CacheFile {
  readonly bundle: Fields;
  readonly record: Fields;
}

/** In place of a bundle's hash, it shows that the bundle comes from the cache. */
const marked = 'f'.repeat(128);

/** A file of a cache begins with the digest of the rest. */
const contentOf = (text: string): string => text.slice(text.indexOf('\n') + 1);
const withDigest = (content: string): string =>
  `${createHash('sha256').update(content).digest('hex')}\n${content}`;

describe('bundling', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await realpath(await mkdtemp(join(tmpdir(), 'bundling-')));
    await writeFile(join(dir, 'package.json'), '{ "name": "some-vats", "type": "module" }');
  });

  afterEach(() => rm(dir, { recursive: true }));

  const write = async (name: string, text: string) => {
    await writeFile(join(dir, name), text);
    return join(dir, name);
  };

  it('says what the package of a vat lacks', async () => {
    const vat = await write('vat.js', `import { Far } from '@endo/far';\nexport default Far;\n`);
    const adviceFor = async (packageJson: string | undefined) => {
      if (packageJson === undefined) await rm(join(dir, 'package.json'));
      else await writeFile(join(dir, 'package.json'), packageJson);
      const error = (await failureOf(() => bundleFile(vat, 'spec'))) as Error;
      expect(error).to.be.instanceOf(BadBundleError);
      return error.message.split('\n').at(-1);
    };
    expect(await adviceFor('{ "name": "v", "type": "module" }')).to.equal(
      `add @endo/far to the dependencies in ${dir}/package.json, and run npm install there`,
    );
    expect(await adviceFor('{ "name": "v" }')).to.equal(
      `${vat} is an ES module, as vats are, but the package.json above it lacks "type": "module"`,
    );
    expect(await adviceFor(undefined)).to.equal(
      'a vat needs a package.json above it, with "type": "module" and its dependencies: ' +
        `there is none above ${vat}`,
    );
  });

  it('hands a bundle out again while no file of it has changed, and only then', async () => {
    const path = await write('vat.js', `export { buildRootObject } from './parts.js';\n`);
    await write('parts.js', `export const buildRootObject = () => 'old';\n`);
    const first = await bundleFile(path, 'spec');
    expect(await bundleFile(path, 'spec')).to.equal(first);
    await write('parts.js', `export const buildRootObject = () => 'newer';\n`);
    const second = await bundleFile(path, 'spec');
    expect(computeBundleID(second)).to.not.equal(computeBundleID(first));
    expect(await bundleFile(path, 'spec')).to.equal(second);
  });

  it('keeps bundles in a directory, also of files with the same name', async () => {
    const cachePath = join(dir, 'cache');
    const a = await write('vat.js', `export const buildRootObject = () => 'a';\n`);
    await mkdir(join(dir, 'sub'));
    const b = await write('sub/vat.js', `export const buildRootObject = () => 'b';\n`);
    const bundles = [];
    for (const path of [a, b, a]) bundles.push(await bundleFile(path, 'spec', { cachePath }));
    const [firstA, onlyB, secondA] = bundles.map(computeBundleID);
    expect(firstA).to.equal(secondA).and.not.equal(onlyB);
    expect(await readdir(cachePath)).to.have.length(2);
  });

  for (const cache of [undefined, 'cache']) {
    describe(`${cache ? 'with' : 'without'} a cache (issue 10)`, () => {
      const take = (path: string) =>
        bundleFile(path, 'spec', cache === undefined ? {} : { cachePath: join(dir, cache) });

      /** Two versions of a package, each with two modules; `dep` is a link to the first. */
      const writePackages = async (): Promise<string> => {
        for (const version of ['one', 'two']) {
          await mkdir(join(dir, version));
          await writePackage(version, './old.js');
          await write(`${version}/old.js`, `export const label = '${version} old';\n`);
          await write(`${version}/new.js`, `export const label = '${version} new';\n`);
        }
        await mkdir(join(dir, 'node_modules'));
        await symlink('../one', join(dir, 'node_modules/dep'));
        const dependencies = { dep: '*' };
        await write('package.json', JSON.stringify({ name: 'app', type: 'module', dependencies }));
        return write('vat.js', `export { label } from 'dep';\n`);
      };
      const writePackage = (version: string, main: string) =>
        write(
          `${version}/package.json`,
          JSON.stringify({ name: 'dep', type: 'module', exports: main }),
        );
      const expectLabel = async (path: string, label: string) => {
        const { endoZipBase64 } = await take(path);
        const zip = Buffer.from(endoZipBase64 as string, 'base64');
        expect(zip.toString().match(/(one|two|near) (old|new)/)?.[0]).to.equal(label);
      };

      it('sees that a package.json has changed', async () => {
        const path = await writePackages();
        await expectLabel(path, 'one old');
        await writePackage('one', './new.js');
        await expectLabel(path, 'one new');
      });

      it('sees that a link leads elsewhere', async () => {
        const path = await writePackages();
        await expectLabel(path, 'one old');
        await rm(join(dir, 'node_modules/dep'));
        await symlink('../two', join(dir, 'node_modules/dep'));
        await expectLabel(path, 'two old');
      });

      it('sees what is there now and was not', async () => {
        await writePackages();
        await mkdir(join(dir, 'app'));
        await write('app/package.json', await readFile(join(dir, 'package.json'), 'utf8'));
        const path = await write('app/vat.js', `export { label } from 'dep';\n`);
        await expectLabel(path, 'one old');
        await mkdir(join(dir, 'app/node_modules/dep'), { recursive: true });
        await writePackage('app/node_modules/dep', './near.js');
        await write('app/node_modules/dep/near.js', `export const label = 'near new';\n`);
        await expectLabel(path, 'near new');
      });

      it('sees a change that leaves size and time of modification as they were', async () => {
        const path = await writePackages();
        const long = new Date('1985-10-26');
        await utimes(join(dir, 'one/old.js'), long, long);
        await expectLabel(path, 'one old');
        await write('one/old.js', `export const label = 'two old';\n`);
        await utimes(join(dir, 'one/old.js'), long, long);
        await expectLabel(path, 'two old');
      });

      it('hands out the same bundle when a file was only touched', async () => {
        const path = await writePackages();
        const first = await take(path);
        await utimes(join(dir, 'one/old.js'), new Date(), new Date());
        expect(await take(path)).to.equal(first);
      });
    });
  }

  const takeInOtherProcess = (paths: readonly string[], cachePath: string): readonly string[] => {
    const script = `
      import '@endo/init/debug.js';
      import { bundleFile } from ${JSON.stringify(new URL('../../lib/controller/bundling.ts', import.meta.url).href)};
      for (const path of ${JSON.stringify(paths)}) {
        const bundle = await bundleFile(path, 'spec', { cachePath: ${JSON.stringify(cachePath)} });
        console.log(bundle.endoZipBase64Sha512);
      }`;
    const args = ['--import', 'tsx/esm', '--input-type=module', '-e', script];
    return execFileSync(process.execPath, args, { encoding: 'utf8' }).trim().split('\n');
  };

  it('takes up bundles of earlier processes, and none that is cut off', async () => {
    const cachePath = join(dir, 'cache');
    const path = await write('vat.js', `export const buildRootObject = () => 'first';\n`);
    const [first = ''] = takeInOtherProcess([path], cachePath);
    const [name = ''] = await readdir(cachePath);
    const text = await readFile(join(cachePath, name), 'utf8');
    const markedText = withDigest(contentOf(text).replaceAll(first, marked));
    await writeFile(join(cachePath, name), markedText);
    expect(takeInOtherProcess([path], cachePath)).to.deep.equal([marked]);
    await writeFile(join(cachePath, name), text.slice(0, 1000));
    expect(takeInOtherProcess([path], cachePath)).to.deep.equal([first]);
    const written = await readFile(join(cachePath, name), 'utf8');
    expect(JSON.parse(contentOf(written))).to.include({ path });
  });

  it('trusts no file of a cache that is damaged, or that others may have written (issue 18)', async () => {
    const changes: Readonly<Record<string, (file: string, text: string) => unknown>> = {
      nothing: () => undefined,
      'a byte': (file, text) => writeFile(file, text.replace('"moduleFormat"', '"moduleFormaT"')),
      'the digest': (file, text) => writeFile(file, `-${text.slice(1)}`),
      'who may write it': file => chmod(file, 0o666),
      'a pipe in its place': async file => {
        await rm(file);
        execFileSync('mkfifo', [file]);
      },
      // Only root can give a file away.
      ...(process.geteuid?.() === 0 && { 'its owner': (file: string) => chown(file, 4711, 4711) }),
    };
    const cachePath = join(dir, 'cache');
    const paths = await Promise.all(
      Object.keys(changes).map((_, index) =>
        write(`vat-${index}.js`, `export const buildRootObject = () => ${index};\n`),
      ),
    );
    const made = takeInOtherProcess(paths, cachePath);
    const names = await readdir(cachePath);
    for (const [index, [what, change]] of Object.entries(changes).entries()) {
      const file = join(
        cachePath,
        names.find(each => each.startsWith(`vat-${index}.js-`))!,
      );
      expect((await stat(file)).mode & 0o777).to.equal(0o644);
      const text = contentOf(await readFile(file, 'utf8'));
      const planted = withDigest(text.replaceAll(made[index]!, marked));
      await writeFile(file, planted);
      await change(file, planted);
      const { endoZipBase64Sha512 } = await bundleFile(paths[index]!, 'spec', { cachePath });
      expect(endoZipBase64Sha512, what).to.equal(what === 'nothing' ? marked : made[index]);
      // The good one has taken its place.
      const { bundle } = JSON.parse(contentOf(await readFile(file, 'utf8'))) as CacheFile;
      expect(bundle.endoZipBase64Sha512, what).to.equal(endoZipBase64Sha512);
      expect((await stat(file)).mode & 0o777, what).to.equal(0o644);
    }
  });

  it('needs no cache that it can write (issue 18)', async () => {
    const path = join(dir, 'source.js');
    await writeFile(path, 'export const buildRootObject = () => 1;');
    // No directory can be made there, not even by root.
    const cachePath = join(path, 'cache');
    const { endoZipBase64Sha512 } = await bundleFile(path, 'spec', { cachePath });
    const without = await bundleFile(path, 'spec');
    expect(endoZipBase64Sha512).to.equal(without.endoZipBase64Sha512);
  });

  it('makes a bundle again when its file in the cache is damaged', async () => {
    const damages: Readonly<Record<string, (file: CacheFile) => Partial<CacheFile> | null>> = {
      none: () => ({}),
      'not a record': () => null,
      'no format': ({ bundle }) => ({ bundle: { ...bundle, moduleFormat: undefined } }),
      'contents that are no text': ({ bundle }) => ({ bundle: { ...bundle, endoZipBase64: 3 } }),
      'no list of files': ({ record }) => ({ record: { ...record, files: undefined } }),
      'null for a file': ({ record }) => ({ record: { ...record, files: { '/': null } } }),
      'a number for a link': ({ record }) => ({ record: { ...record, links: { '/': 3 } } }),
    };
    const cachePath = join(dir, 'cache');
    const paths = await Promise.all(
      Object.keys(damages).map((_, index) =>
        write(`vat-${index}.js`, `export const buildRootObject = () => ${index};\n`),
      ),
    );
    const made = takeInOtherProcess(paths, cachePath);
    const names = await readdir(cachePath);
    for (const [index, [damage, change]] of Object.entries(damages).entries()) {
      const name = names.find(each => each.startsWith(`vat-${index}.js-`)) ?? '';
      const text = await readFile(join(cachePath, name), 'utf8');
      const file = JSON.parse(contentOf(text).replaceAll(made[index]!, marked)) as CacheFile;
      const changed = change(file);
      const damaged = changed && { ...file, ...changed };
      await writeFile(join(cachePath, name), withDigest(JSON.stringify(damaged)));
      const { endoZipBase64Sha512 } = await bundleFile(paths[index]!, 'spec', { cachePath });
      expect(endoZipBase64Sha512, damage).to.equal(damage === 'none' ? marked : made[index]);
    }
  });

  it('reads bundles from JSON and from modules', async () => {
    const path = await write('vat.js', 'export const buildRootObject = () => 1;\n');
    const bundle = await bundleFile(path, 'spec');
    const text = JSON.stringify(bundle);
    const json = await readBundleFile(await write('b.json', text), 'spec');
    const module = await readBundleFile(await write('b.js', `export default ${text};`), 'spec');
    for (const read of [json, module]) {
      expect((await checkForeignBundle(read, 'spec')).bundleID).to.equal(computeBundleID(bundle));
    }
    // Read anew, and never run.
    await write(
      'b.js',
      `export default ${JSON.stringify({ ...bundle, moduleFormat: 'other' })};\n`,
    );
    expect(await readBundleFile(join(dir, 'b.js'), 'spec')).to.include({ moduleFormat: 'other' });
    await write('b.js', 'globalThis.ran = true; export default {};');
    const failure = await failureOf(readBundleFile(join(dir, 'b.js'), 'spec'));
    expect(failure).to.be.instanceOf(BadBundleError);
    expect(globalThis).to.not.have.property('ran');
  });

  it('makes bundles of formats without a hash of their own', async () => {
    const path = await write('vat.js', 'export const buildRootObject = () => 1;\n');
    const bundle = await bundleFile(path, 'spec', { format: 'nestedEvaluate' });
    expect(bundle.moduleFormat).to.equal('nestedEvaluate');
    expect((await checkForeignBundle(bundle, 'spec')).bundleID).to.match(/^b0-[0-9a-f]{64}$/);
  });

  it('takes bundles of the built-in vats from the caller, once for many swingsets', async () => {
    const kernelBundles = await buildKernelBundles();
    const names = ['kernel', 'adminDevice', ...builtinVats.map(({ bundleKey }) => bundleKey)];
    expect(Object.keys(kernelBundles)).to.deep.equal(names);
    const timer = { ...kernelBundles, timer: kernelBundles.vattp! };
    const config = await buildSwingsetKernelConfig({ vats: {} }, [], { kernelBundles: timer });
    expect(Object.keys(config.vats)).to.deep.equal(['vatAdmin', 'comms', 'vattp', 'timer']);
    expect(config.vats.timer?.bundleID).to.equal(config.vats.vattp?.bundleID);
    expect(config.vats.comms?.creationOptions).to.deep.equal({
      managerType: 'local',
      enableSetup: true,
      enablePipelining: true,
      useTranscript: false,
      neverReap: true,
    });
  });
});
