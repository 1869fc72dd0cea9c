import { crc32 } from 'node:zlib';
import { checkBundle } from '@endo/check-bundle';
import { expect } from 'chai';
import fc from 'fast-check';
import { checkArchive, makeBundleChecker } from '../../lib/platform/check-archive.js';
import { BadArchiveError } from '../../lib/platform/errors.js';
import { readZip } from '../../lib/platform/supervisor/zip.js';
import type { Bundle } from '../../lib/store/types.js';
import { bundleVat } from '../workers/support/vats.js';
import {
  bundleOf,
  cjsModule,
  esModule,
  fileOf,
  partsOf,
  rawModule,
  sha512,
  zipOf,
  type Packages,
  type Parts,
} from './supervisor/support/archives.js';

const refusalOf = (bundle: Bundle): BadArchiveError | undefined => {
  try {
    checkArchive(bundle);
    return undefined;
  } catch (error) {
    expect(error).to.be.instanceOf(BadArchiveError).with.property('code', 'BAD_ARCHIVE');
    return error as BadArchiveError;
  }
};

const PACKAGES: Packages = {
  program: {
    './vat.js': esModule(`import data from './data.json'; export const buildRootObject = data;`),
    './data.json': fileOf('json', '{"a": 1}'),
    './text.txt': fileOf('text', 'a text'),
    './bytes.bin': fileOf('bytes', new Uint8Array([0, 255, 254])),
    './common.cjs': cjsModule('module.exports = 1;'),
    neighbour: { compartment: 'neighbour-v1.0.0', module: './index.js' },
    './deferred.js': { deferredError: 'there is none' },
    fs: { exit: 'fs' },
  },
  neighbour: { './index.js': esModule('export const x = 1;') },
};

const good = (): Parts => partsOf(PACKAGES);

const pack = (parts: Parts, alter: (zip: Uint8Array) => Uint8Array = zip => zip): Bundle => {
  const { zip, mapBytes } = zipOf(parts);
  return bundleOf(alter(zip), mapBytes);
};

/** A copy of the compartment map with one change. */
type AnyMap = { entry: Fields; compartments: Record<string, Fields>; [field: string]: unknown };
type Fields = Record<string, unknown>;
const withMap = (change: (map: AnyMap) => void): Bundle => {
  const { map, files } = good();
  const copy = structuredClone(map) as AnyMap;
  change(copy);
  return pack({ map: copy, files });
};
const modulesOf = (map: AnyMap): Record<string, Fields> =>
  map.compartments['program-v1.0.0']?.modules as Record<string, Fields>;

/** An archive whose module has other bytes, with the right hash. */
const withModule = (specifier: string, parser: string, content: string | Uint8Array): Bundle =>
  pack(
    partsOf({
      ...PACKAGES,
      program: { ...PACKAGES.program, [specifier]: fileOf(parser, content) },
    }),
  );

const entryOf = (zip: Uint8Array, name: string) => {
  const found = readZip(zip).entries.find(entry => entry.name === name);
  if (!found) throw Error(`no entry ${name}`);
  return found;
};

/** The offset of an entry's record in the directory. */
const recordOf = (zip: Uint8Array, name: string): number => Buffer.from(zip).lastIndexOf(name) - 46;

/** A record of the directory. None has a comment or extra fields. */
const recordBytes = (zip: Uint8Array, name: string): Uint8Array => {
  const start = recordOf(zip, name);
  return zip.slice(start, start + 46 + name.length);
};

/** The zip with more records at the end of its directory. */
const withMoreRecords = (zip: Uint8Array, records: readonly Uint8Array[]): Uint8Array => {
  const end = Buffer.from(zip.slice(-22));
  const more = Buffer.concat(records);
  for (const at of [8, 10]) end.writeUInt16LE(end.readUInt16LE(at) + records.length, at);
  end.writeUInt32LE(end.readUInt32LE(12) + more.length, 12);
  return Buffer.concat([zip.slice(0, -22), more, end]);
};

const DATA = 'program-v1.0.0/data.json';

/** Writes into the zip: in the directory's record of the data module, and in its header if given. */
const withRecord =
  (bytes: 2 | 4, inRecord: number, inHeader: number | undefined, value: number) =>
  (zip: Uint8Array): Uint8Array => {
    const copy = Buffer.from(zip);
    const places = [recordOf(zip, DATA) + inRecord];
    if (inHeader !== undefined) places.push(entryOf(zip, DATA).start + inHeader);
    for (const at of places) {
      if (bytes === 2) copy.writeUInt16LE(value, at);
      else copy.writeUInt32LE(value, at);
    }
    return copy;
  };

describe('the check of an archive', () => {
  it('accepts what the bundler makes, and each format of modules', async () => {
    const { bundle } = await bundleVat('counter');
    expect(refusalOf(bundle)).to.equal(undefined);
    expect(refusalOf(pack(good()))).to.equal(undefined);
    const check = makeBundleChecker();
    check(bundle);
    // The hash is all that it needs to know the second time.
    check({ ...bundle, endoZipBase64: '' });
    expect(() => check({ ...pack(good()), endoZipBase64: '' })).to.throw(BadArchiveError);
    check({ moduleFormat: 'nestedEvaluate', source: '' });
  });

  const damaged: Readonly<Record<string, readonly [Bundle, entry: string | undefined, RegExp]>> = {
    'no text': [
      { moduleFormat: 'endoZipBase64' },
      undefined,
      /endoZipBase64 must be a string, not a undefined/,
    ],
    'no hash': [
      { ...pack(good()), endoZipBase64Sha512: 7 },
      undefined,
      /endoZipBase64Sha512 must be a string/,
    ],
    'no base64': [{ ...pack(good()), endoZipBase64: 'UEsD*' }, undefined, /is not base64/],
    'an empty zip': [
      pack(good(), () => new Uint8Array()),
      undefined,
      /no directory at its end \(0 bytes\)/,
    ],
    'a zip of another kind': [
      pack(good(), zip => zip.fill(1)),
      undefined,
      /no directory at its end/,
    ],
    'bytes before the zip': [
      pack(good(), zip => Buffer.concat([Buffer.from('x'), zip])),
      undefined,
      /directory is said to be \d+ bytes from \d+, but must end at/,
    ],
    'bytes after the zip': [
      pack(good(), zip => Buffer.concat([zip, Buffer.from('x')])),
      undefined,
      /no directory at its end/,
    ],
    'a comment': [
      pack(good(), zip => {
        const copy = Buffer.from(zip);
        copy.writeUInt16LE(1, copy.length - 2);
        return copy;
      }),
      undefined,
      /but must end at/,
    ],
    'too few records': [
      pack(good(), zip => {
        const copy = Buffer.from(zip);
        copy.writeUInt16LE(copy.readUInt16LE(copy.length - 12) - 1, copy.length - 12);
        return copy;
      }),
      undefined,
      /more than \d+ records/,
    ],
    'too many records': [
      pack(good(), zip => {
        const copy = Buffer.from(zip);
        copy.writeUInt16LE(copy.readUInt16LE(copy.length - 12) + 1, copy.length - 12);
        return copy;
      }),
      undefined,
      /has no record \d+ of \d+/,
    ],
    'a changed byte': [
      pack(good(), zip => {
        const copy = Buffer.from(zip);
        copy[copy.indexOf('{"a": 1}') + 6] = '2'.charCodeAt(0);
        return copy;
      }),
      DATA,
      /has CRC-32 \d+, but the directory says \d+/,
    ],
    'another CRC': [
      pack(good(), withRecord(4, 16, 14, 5)),
      DATA,
      /CRC-32 \d+, but the directory says 5/,
    ],
    'another CRC in the header': [
      pack(good(), withRecord(4, 16, undefined, 5)),
      DATA,
      /has crc 5 in the directory and \d+ in its header/,
    ],
    'a compressed entry': [
      pack(good(), withRecord(2, 10, 8, 8)),
      DATA,
      /is compressed \(method 8\)/,
    ],
    'an encrypted entry': [pack(good(), withRecord(2, 8, 6, 1)), DATA, /is encrypted/],
    'an entry that unpacks to more': [
      pack(good(), withRecord(4, 24, 22, 4_000_000_000)),
      DATA,
      /is stored in 8 bytes, but unpacks to 4000000000/,
    ],
    'an entry that is longer than the zip': [
      pack(good(), withRecord(4, 20, 18, 4_000_000_000)),
      DATA,
      /is cut off: 4000000000 bytes/,
    ],
    'an entry at another place': [
      pack(good(), withRecord(4, 42, undefined, 1)),
      DATA,
      /has no header at 1/,
    ],
    'an entry that is a directory': [
      pack(good(), withRecord(4, 38, undefined, 0x10)),
      DATA,
      /is a directory/,
    ],
    'no compartment map': [
      pack(good(), zip => {
        const copy = Buffer.from(zip);
        for (const at of [copy.indexOf('compartment-map'), copy.lastIndexOf('compartment-map')]) {
          copy.write('x', at);
        }
        return copy;
      }),
      'compartment-map.json',
      /is missing/,
    ],
    'the map of another bundle': [
      { ...pack(good()), endoZipBase64Sha512: sha512(Buffer.from('other')) },
      'compartment-map.json',
      /has SHA-512 \w+, but the bundle says \w+/,
    ],
    'a map that is a list': [
      pack({ ...good(), map: [] }),
      'compartment-map.json',
      /must be a record, not a list/,
    ],
    'a map with another field': [
      withMap(map => {
        map.more = 1;
      }),
      'compartment-map.json',
      /^more is not a field/,
    ],
    'a map without an entry': [
      withMap(map => {
        map.entry = { compartment: 'program-v1.0.0' };
      }),
      'compartment-map.json',
      /entry\.module must be a string, not undefined/,
    ],
    'a compartment elsewhere': [
      withMap(map => {
        map.compartments['program-v1.0.0']!.location = 'elsewhere';
      }),
      'compartment-map.json',
      /compartments\["program-v1.0.0"\]\.location must equal its key, not "elsewhere"/,
    ],
    'a module of no kind': [
      withMap(map => {
        modulesOf(map)['./vat.js'] = {};
      }),
      'compartment-map.json',
      /modules\["\.\/vat\.js"\]\.deferredError must be a string/,
    ],
    'a module without a hash': [
      withMap(map => {
        delete modulesOf(map)['./vat.js']!.sha512;
      }),
      'compartment-map.json',
      /modules\["\.\/vat\.js"\]\.sha512 must be a string, not undefined/,
    ],
    'a module with another hash': [
      withMap(map => {
        modulesOf(map)['./vat.js']!.sha512 = 'ab';
      }),
      'program-v1.0.0/vat.js',
      /has SHA-512 \w+, but the map says ab/,
    ],
    'a module without a file': [
      withMap(map => {
        modulesOf(map)['./vat.js']!.location = 'gone.js';
      }),
      'program-v1.0.0/gone.js',
      /is missing/,
    ],
    'a file without a module': [
      withMap(map => {
        delete modulesOf(map)['./text.txt'];
      }),
      'program-v1.0.0/text.txt',
      /belongs to no module/,
    ],
    'an unknown parser': [
      withModule('./vat.js', 'mjs', 'export {}'),
      'program-v1.0.0/vat.js',
      /parser "mjs"; known are/,
    ],
    'a source that claims to be compiled': [
      withModule('./vat.js', 'pre-mjs-json', 'export const x = 1;'),
      'program-v1.0.0/vat.js',
      /is not JSON/,
    ],
    'compiled code without a functor': [
      withModule('./vat.js', 'pre-mjs-json', '{"imports": [], "exports": []}'),
      'program-v1.0.0/vat.js',
      /__syncModuleProgram__ must be a function in parentheses, not undefined/,
    ],
    'a functor that is a block': [
      withModule('./vat.js', 'pre-mjs-json', rawModule('{} / 1').bytes),
      'program-v1.0.0/vat.js',
      /__syncModuleProgram__ must be a function in parentheses, not "\{\} \/ 1"/,
    ],
    'imports that are no list': [
      withModule('./vat.js', 'pre-mjs-json', rawModule('()=>{}', { imports: 'fs' }).bytes),
      'program-v1.0.0/vat.js',
      /imports must be a list of strings, not "fs"/,
    ],
    'a CommonJS record for an ES module': [
      withModule('./vat.js', 'pre-mjs-json', cjsModule('').bytes),
      'program-v1.0.0/vat.js',
      /__syncModuleProgram__ must be/,
    ],
    'data that is not JSON': [withModule('./data.json', 'json', '{a: 1}'), DATA, /is not JSON/],
    'data that is not UTF-8': [
      withModule('./data.json', 'json', new Uint8Array([34, 255, 34])),
      DATA,
      /is not JSON/,
    ],
  };
  for (const [title, [bundle, entry, problem]] of Object.entries(damaged)) {
    it(`refuses ${title}`, () => {
      const refusal = refusalOf(bundle);
      expect(refusal?.problem).to.match(problem);
      expect(refusal?.entry).to.equal(entry);
    });
  }

  it('says so in words that follow from the bytes alone, because they become state (issue 18)', () => {
    // Node.js 22 and 20 describe bad JSON differently. Its stack decides what has JSON.
    const nested = (depth: number): unknown => (depth === 0 ? {} : [nested(depth - 1)]);
    const bad: readonly (readonly [Bundle, problem: string])[] = [
      [withModule('./data.json', 'json', '{a: 1}'), 'is not JSON in UTF-8'],
      [withModule('./data.json', 'json', new Uint8Array([34, 255, 34])), 'is not JSON in UTF-8'],
      [withModule('./vat.js', 'pre-mjs-json', '[[1]]'), ' must be a record, not a list'],
      ...[1, 2000].map(depth => {
        const types = nested(depth);
        const bundle = withMap(map =>
          Object.assign(map.compartments['program-v1.0.0']!, { types }),
        );
        const at = 'compartments["program-v1.0.0"].types';
        return [bundle, `${at} must be a record, not a list`] as const;
      }),
      [
        withMap(map => Object.assign(map, { entry: { compartment: { a: [1] }, module: 'x' } })),
        'entry.compartment must be a string, not a record',
      ],
    ];
    for (const [bundle, problem] of bad) expect(refusalOf(bundle)?.problem).to.equal(problem);
  });

  it('refuses an entry that is there twice, of which the reader would take the last', () => {
    const twice = pack(good(), zip => withMoreRecords(zip, [recordBytes(zip, DATA)]));
    expect(refusalOf(twice)).to.include({ entry: DATA, problem: 'is there twice' });
  });

  it('refuses entries that share bytes, which unpack to more than the zip holds', () => {
    const [outer, inner] = ['program-v1.0.0/outer', 'program-v1.0.0/inner'];
    const content = Buffer.from('shared by both');
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt32LE(crc32(content), 14);
    header.writeUInt32LE(content.length, 18);
    header.writeUInt32LE(content.length, 22);
    header.writeUInt16LE(inner.length, 26);
    const nested = Buffer.concat([header, Buffer.from(inner), content]);
    const parts = partsOf({
      program: { './vat.js': esModule('export {};'), './outer': fileOf('bytes', nested) },
    });
    const shared = pack(parts, zip => {
      const record = Buffer.from(recordBytes(zip, outer));
      record.writeUInt16LE(0, 8);
      record.writeUInt32LE(crc32(content), 16);
      record.writeUInt32LE(content.length, 20);
      record.writeUInt32LE(content.length, 24);
      record.writeUInt32LE(Buffer.from(zip).indexOf(nested), 42);
      record.write(inner, 46);
      return withMoreRecords(zip, [record]);
    });
    const refusal = refusalOf(shared);
    expect(refusal?.entry).to.equal(inner);
    expect(refusal?.problem).to.match(
      /begins at \d+, within entry program-v1.0.0\/outer, which ends/,
    );
  });

  it('refuses a zip of more than 64 MiB', () => {
    const large = partsOf({
      program: { './vat.js': fileOf('text', Buffer.alloc(65 * 1024 * 1024)) },
    });
    expect(refusalOf(pack(large))?.problem).to.match(/has \d+ bytes, and the limit is 67108864/);
  });

  it('refuses whatever the check of Endo refuses, for any byte that is changed', async () => {
    // Endo refuses files that the entry does not import as well.
    const { zip, mapBytes } = zipOf(
      partsOf({
        program: {
          './vat.js': esModule(
            `import data from './data.json'; import 'neighbour'; export { data };`,
          ),
          './data.json': PACKAGES.program!['./data.json']!,
          neighbour: PACKAGES.program!.neighbour!,
        },
        neighbour: PACKAGES.neighbour!,
      }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: zip.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, by) => {
          const copy = Uint8Array.from(zip);
          copy[at] = (copy[at]! + by) % 256;
          const bundle = harden(bundleOf(copy, mapBytes));
          const refusal = refusalOf(bundle);
          if (refusal) return;
          await checkBundle(bundle, 'changed');
          // What may change without effect: versions, dates and attributes.
          expect(zipContents(copy)).to.deep.equal(zipContents(zip));
        },
      ),
      { seed: 15, numRuns: 3_000 },
    );
  });
});

const zipContents = (bytes: Uint8Array): unknown =>
  readZip(bytes).entries.map(({ name, size, crc }) => [name, size, crc]);
