import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageDirectory } from '../../lib/package-paths.js';
import { scriptBundleID } from '../../lib/platform/bundle-id.js';
import { PlatformBundleError } from '../../lib/platform/errors.js';
import {
  buildOwnBundle,
  readBuiltBundle,
  readPinnedBundles,
  takeOwnBundle,
} from '../../lib/platform/own-bundle.js';
import { OWN_SOURCES } from '../../lib/platform/own-sources.js';
import { failureOf } from '../support/failure.js';

describe('bundles of our platform', () => {
  for (const source of OWN_SOURCES) {
    it(`have the pinned bytes on each machine: ${source.name}`, async () => {
      const bundle = await buildOwnBundle(source);
      expect(bundle.moduleFormat).to.equal('nestedEvaluate');
      expect(bundle.source).not.to.include(packageDirectory);
      const pinned = await readPinnedBundles();
      expect(pinned[source.name], 'after a change: npm run pin-platform').to.equal(
        scriptBundleID(bundle),
      );
      expect(await takeOwnBundle(source)).to.equal(bundle);
    });
  }

  describe('in an installed package', () => {
    let dir: string;
    before(async () => {
      dir = await mkdtemp(join(tmpdir(), 'own-bundle-'));
    });
    after(async () => rm(dir, { recursive: true }));
    const bundle = { moduleFormat: 'nestedEvaluate', source: '() => {}', sourceMap: '' };
    const bundleID = scriptBundleID(bundle);

    it('are those of the release', async () => {
      const path = join(dir, 'good.json');
      await writeFile(path, JSON.stringify(bundle));
      expect(await readBuiltBundle(path, bundleID)).to.deep.equal(bundle);
    });

    it('are refused when they are missing, cut off or others', async () => {
      const cases: Readonly<Record<string, [text: string | undefined, reason: string]>> = {
        missing: [undefined, 'can not be read: ENOENT'],
        'cut-off': [JSON.stringify(bundle).slice(0, 30), 'can not be read'],
        other: [JSON.stringify({ ...bundle, source: '() => 1' }), `instead of ${bundleID}`],
      };
      for (const [name, [text, reason]] of Object.entries(cases)) {
        const path = join(dir, `${name}.json`);
        if (text !== undefined) await writeFile(path, text);
        const failure = await failureOf(readBuiltBundle(path, bundleID));
        expect(failure).to.be.instanceOf(PlatformBundleError).that.includes({
          code: 'PLATFORM_BUNDLE',
          path,
        });
        expect(String(failure)).to.include(reason).and.include('Reinstall swingset-kernel');
      }
    });
  });
});
