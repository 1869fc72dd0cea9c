/**
 * More of `served-import-bundle.spec.ts`, with each published version of `@endo/import-bundle`.
 * Installs them from the registry.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import bundleSource from '@endo/bundle-source';
import { expect } from 'chai';
import type { Bundle } from '../../../lib/store/types.js';
import { installVersion, listVersions } from '../../../scripts/import-bundles/versions.js';
import { bringOutYourDead, call, startVat, vref } from '../../workers/support/fixture.js';
import { expectSameLives } from './support/lives.js';

const pathOf = (name: string): string =>
  fileURLToPath(new URL(`./vats/${name}.js`, import.meta.url));

const bundleVat = async (path: string): Promise<Bundle> =>
  await bundleSource(path, { format: 'endoZipBase64' });

const damage = (bundle: Bundle): Bundle => {
  const zip = Buffer.from(String(bundle.endoZipBase64), 'base64');
  zip.write('say nothinG', zip.indexOf('say nothing'));
  return { ...bundle, endoZipBase64: zip.toString('base64') };
};

describe('each version of @endo/import-bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'import-bundles-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is served with the same results and errors in the same turns', async () => {
    const archive = await bundleVat(pathOf('imported'));
    const bundles = { archive, damaged: damage(archive), none: { moduleFormat: 'none' } };
    const methods: [method: string, ...args: unknown[]][] = [
      ['countTurns', 'archive'],
      ['countTurns', 'archive', { filePrefix: 'a' }],
      ['countTurns', 'archive', { bundleUrl: 'file:///a' }],
      ['countTurns', 'damaged'],
      ['countTurns', 'none'],
      ['countTurnsOf', 'archive'],
      ['learn', 'archive'],
      ['learnInescapable', 'archive'],
      ['learnTransformed', 'archive'],
      ['learnTwice', 'archive'],
      ['describe'],
      ['learnTestBundle'],
    ];
    const served: string[] = [];
    for (const version of await listVersions()) {
      const installed = await installVersion(folder, version, '@endo/far@1.1.14');
      const path = join(installed, 'importer.js');
      copyFileSync(pathOf('importer'), path);
      const deliveries = [
        startVat({ bundles }),
        ...methods.map(([method, ...args], n) => call(method, args, vref(`p-${60 + n}`))),
        bringOutYourDead,
      ];
      const lives = [{ bundle: await bundleVat(path), deliveries }];
      const ran = await expectSameLives(lives, { serves: true });
      if (ran.served!.computrons[0]! < ran.own.computrons[0]!) served.push(version);
    }
    // Fewer once the registry has dependencies newer than those of `npm run known-import-bundles`.
    expect(served).to.deep.equal(await listVersions());
  });
});
