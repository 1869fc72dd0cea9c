import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildKernelBundles, builtinVats } from '../../lib/controller/builtin-vats.js';
import { bundleFile, checkForeignBundle, readBundleFile } from '../../lib/controller/bundling.js';
import { buildSwingsetKernelConfig } from '../../lib/controller/kernel-config.js';
import { computeBundleID } from '../../lib/platform/bundle-id.js';

describe('bundling', function () {
  this.timeout(120_000);
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
    const kept = (await readdir(cachePath)).filter(name => name.endsWith('.js'));
    expect(kept).to.have.length(2);
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
