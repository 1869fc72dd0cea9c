/** Bundles that a vat imports itself, when our supervisor serves its `@endo/import-bundle`. */
import { fileURLToPath } from 'node:url';
import bundleSource from '@endo/bundle-source';
import { expect } from 'chai';
import type { Bundle } from '../../../lib/store/types.js';
import type { VatDelivery } from '../../../lib/types/messages.js';
import { bringOutYourDead, call, startVat, vref } from '../../workers/support/fixture.js';
import {
  bundleOf,
  bundlePackages,
  cjsModule,
  esModule,
  fileOf,
  partsOf,
  rawModule,
  zipOf,
} from './support/archives.js';
import { expectSameLives, type SameLives } from './support/lives.js';

const bundleVat = async (name: string): Promise<Bundle> => {
  const path = fileURLToPath(new URL(`./vats/${name}.js`, import.meta.url));
  return await bundleSource(path, { format: 'endoZipBase64' });
};

const calls = (...made: [method: string, ...args: unknown[]][]): VatDelivery[] =>
  made.map(([method, ...args], n) => call(method, args, vref(`p-${60 + n}`)));

const importInVat = async (
  bundles: Readonly<Record<string, unknown>>,
  ...made: [method: string, ...args: unknown[]][]
): Promise<SameLives & { text: string }> => {
  const lives = await expectSameLives(
    [
      {
        bundle: await bundleVat('importer'),
        deliveries: [startVat({ bundles }), ...calls(...made), bringOutYourDead],
      },
    ],
    { serves: true },
  );
  const { events } = lives.deeds;
  expect(events.filter(event => (event as unknown[])[0] === 'error')).to.deep.equal([]);
  return { ...lives, text: JSON.stringify(events) };
};

const changeZip = (bundle: Bundle, change: (zip: Buffer) => Buffer): Bundle => ({
  ...bundle,
  endoZipBase64: change(Buffer.from(String(bundle.endoZipBase64), 'base64')).toString('base64'),
});

const changeMap = (
  change: (map: {
    compartments: Record<string, Record<string, unknown>>;
    [name: string]: unknown;
  }) => void,
): Bundle => {
  const { map, files } = partsOf({
    program: { './vat.js': esModule('import "other"; export const a = 1;') },
    other: { '.': esModule('export const b = 1;') },
  });
  const typed = map as Parameters<typeof change>[0];
  typed.compartments['program-v1.0.0']!.modules = {
    ...(typed.compartments['program-v1.0.0']!.modules as object),
    other: { compartment: 'other-v1.0.0', module: '.' },
  };
  change(typed);
  const { zip, mapBytes } = zipOf({ map, files });
  return bundleOf(zip, mapBytes);
};

const program = (modules: Readonly<Record<string, ReturnType<typeof esModule>>>): Bundle =>
  bundlePackages({ program: modules });

/** Archives that the served module leaves to the vat's own, or that fail after it has begun. */
const ODD: Readonly<Record<string, Bundle>> = {
  plain: changeMap(() => {}),
  cjs: program({ './vat.js': cjsModule('exports.a = 1; module.exports.b = 2;') }),
  text: program({
    './vat.js': esModule('import text from "./a.txt"; export const a = text;'),
    './a.txt': fileOf('text', 'a text'),
  }),
  json: program({
    './vat.js': esModule('import data from "./a.json"; export const a = data;'),
    './a.json': fileOf('json', '{ "a": 1 }'),
  }),
  badJson: program({
    './vat.js': esModule('import data from "./a.json"; export const a = data;'),
    './a.json': fileOf('json', '{ "a": 1'),
  }),
  unknownParser: program({ './vat.js': fileOf('wasm', 'text') }),
  brokenRecord: program({ './vat.js': fileOf('pre-mjs-json', '{ "imports":') }),
  brokenFunctor: program({ './vat.js': rawModule('(({ imports }) => { imports(') }),
  htmlComment: program({ './vat.js': rawModule('(() => { <!-- a comment\n })') }),
  throwing: program({ './vat.js': esModule('throw Error("thrown"); export const a = 1;') }),
  missingModule: program({ './vat.js': esModule('import "./none.js"; export const a = 1;') }),
  missingExport: program({
    './vat.js': esModule('import { none } from "./b.js"; export const a = none;'),
    './b.js': esModule('export const b = 1;'),
  }),
  thenable: program({ './vat.js': esModule('export const then = f => f(Object.freeze([7]));') }),
  failing: changeMap(map => {
    const { modules } = map.compartments['program-v1.0.0']!;
    (modules as Record<string, unknown>).other = { deferredError: 'not here' };
  }),
  labels: changeMap(map => {
    map.compartments['program-v1.0.0']!.label = '$root$';
    map.compartments['other-v1.0.0']!.label = 'program>@scope/other';
  }),
  label: changeMap(map => {
    map.compartments['other-v1.0.0']!.label = 'Other!';
  }),
  location: changeMap(map => {
    map.compartments['other-v1.0.0']!.location = 'elsewhere';
  }),
  policy: changeMap(map => {
    map.compartments['program-v1.0.0']!.policy = { globals: { console: true }, packages: {} };
  }),
  extraField: changeMap(map => {
    map.extra = 1;
  }),
  noTags: changeMap(map => {
    delete map.tags;
  }),
  noEntry: changeMap(map => {
    map.entry = { compartment: 'none', module: '.' };
  }),
  noPackage: changeMap(map => {
    delete map.compartments['other-v1.0.0'];
  }),
  noMap: bundleOf(Buffer.from('no zip'), Buffer.from('')),
  comment: changeZip(
    changeMap(() => {}),
    zip => {
      const longer = Buffer.concat([zip, Buffer.from('abc')]);
      longer.writeUInt16LE(3, zip.length - 2);
      return longer;
    },
  ),
  disks: changeZip(
    changeMap(() => {}),
    zip => {
      zip.writeUInt16LE(1, zip.length - 18);
      return zip;
    },
  ),
  compressed: changeZip(
    changeMap(() => {}),
    zip => {
      zip.writeUInt16LE(8, 8);
      return zip;
    },
  ),
  damaged: changeZip(
    changeMap(() => {}),
    zip => {
      zip.write('"PROGRAM', zip.indexOf('"program'));
      return zip;
    },
  ),
  name: changeZip(
    changeMap(() => {}),
    zip => {
      zip.write('Program', zip.indexOf('program-v1.0.0/vat.js'));
      return zip;
    },
  ),
};

const WRONG_SHA = { expectedSha512: 'wrong' };

describe('a served importBundle', () => {
  it('looks like the own one of the vat', async () => {
    const { text } = await importInVat({}, ['describe']);
    expect(text).to.contain('bundleTestExports');
  });

  it('imports with the same results in the same turns, whatever the options', async () => {
    const options = [
      {},
      { filePrefix: 'prefix' },
      { bundleUrl: 'file:///a' },
      { inescapableGlobalProperties: { forced: 'yes' } },
      WRONG_SHA,
      { endowments: {} },
      { unknown: 1 },
    ];
    const { text, served, own } = await importInVat(
      { archive: await bundleVat('imported'), large: await bundleVat('importer') },
      ['countTurns', 'large'],
      ...options.map((option): [string, ...unknown[]] => ['countTurns', 'archive', option]),
      ['countTurns', 'archive', {}, { computeSha512: 1 }],
      ['countTurnsOf', 'archive'],
    );
    expect(text).to.contain('body at');
    expect(text).to.contain('6 at 20');
    expect(text).to.contain('no greeting');
    // The start, and an import that needs nothing of the vat's own.
    for (const delivery of [0, 1]) {
      expect(served!.computrons[delivery]).to.be.lessThan(own.computrons[delivery]! * 0.8);
    }
  });

  it('leaves odd archives to the own one, with the same outcome in the same turns', async () => {
    const { text } = await importInVat(
      ODD,
      ...Object.keys(ODD).map((name): [string, ...unknown[]] => ['countTurns', name]),
    );
    for (const error of ['CRC-32 checksum mismatch', 'thrown', 'Zip integrity error', 'not here']) {
      expect(text).to.contain(error);
    }
  });
});
