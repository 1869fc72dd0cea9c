import { fileURLToPath } from 'node:url';
import bundleSource from '@endo/bundle-source';
import { expect } from 'chai';
import type { Bundle } from '../../../lib/store/types.js';
import { bringOutYourDead, call, startVat } from '../../workers/support/fixture.js';
import { expectSameLives } from './support/lives.js';

const FORMATS = ['endoZipBase64', 'nestedEvaluate', 'getExport', 'endoScript'] as const;

const bundleOf = async (name: string, format: (typeof FORMATS)[number]): Promise<Bundle> => {
  const path = fileURLToPath(new URL(`./vats/${name}.js`, import.meta.url));
  return await bundleSource(path, { format });
};

/** The bundle with one byte of a module changed. */
const damage = (bundle: Bundle): Bundle => {
  const zip = Buffer.from(String(bundle.endoZipBase64), 'base64');
  zip.write('say nothinG', zip.indexOf('say nothing'));
  return { ...bundle, endoZipBase64: zip.toString('base64') };
};

describe('bundles that a vat imports itself', () => {
  it('are imported and refused as on stock, with their CRC checked', async () => {
    const made = await Promise.all(FORMATS.map(format => bundleOf('imported', format)));
    const bundles: Record<string, unknown> = Object.fromEntries(
      FORMATS.map((format, index) => [format, { ...made[index] }]),
    );
    bundles.damaged = damage(made[0]!);
    bundles.unknown = { moduleFormat: 'none', source: '' };
    bundles.cut = { ...made[0], endoZipBase64: String(made[0]?.endoZipBase64).slice(0, 400) };
    bundles.noText = { moduleFormat: 'endoZipBase64' };
    const vat = await bundleOf('importer', 'endoZipBase64');
    const methods = ['learn', 'learnWithout', 'learnInescapable', 'learnTransformed', 'learnTwice'];
    const { deeds } = await expectSameLives([
      {
        bundle: vat,
        deliveries: [
          startVat({ bundles }),
          ...methods.flatMap(method => FORMATS.map(format => call(method, [format]))),
          ...['damaged', 'unknown', 'cut', 'noText', 'absent'].map(name => call('learn', [name])),
          call('learn', ['endoZipBase64', { expectedSha512: 'wrong' }]),
          call('learnTestBundle'),
          bringOutYourDead,
        ],
      },
    ]);
    const text = JSON.stringify(deeds.events);
    expect(text).to.contain('CRC-32 checksum mismatch');
    expect(text).to.contain('say something');
    expect(deeds.events.filter(event => (event as unknown[])[0] === 'error')).to.deep.equal([]);
  });
});

describe('a vat whose own bundle has another format', () => {
  it('starts as on stock', async () => {
    for (const format of FORMATS) {
      const bundle = await bundleOf('importer', format);
      await expectSameLives([
        { bundle, deliveries: [startVat({ bundles: {} }), call('learnTestBundle')] },
      ]);
    }
  });
});
