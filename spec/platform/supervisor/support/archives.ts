/** Makes `endoZipBase64` bundles from texts, also those that no bundler makes. */
import { createHash } from 'node:crypto';
import { ModuleSource } from '@endo/module-source';
import { ZipWriter } from '@endo/zip';
import type { Bundle } from '../../../../lib/store/types.js';

export interface ArchiveFile {
  readonly parser: string;
  readonly bytes: Uint8Array;
}

export const sha512 = (bytes: Uint8Array): string =>
  createHash('sha512').update(bytes).digest('hex');

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

/** An ES module, compiled as the bundler does. */
export const esModule = (source: string): ArchiveFile => ({
  parser: 'pre-mjs-json',
  bytes: json(new ModuleSource(source)),
});

/** An ES module without imports that exports `buildRootObject` and has the given functor. */
export const rawModule = (functor: string, more: object = {}): ArchiveFile => ({
  parser: 'pre-mjs-json',
  bytes: json({
    imports: [],
    exports: ['buildRootObject'],
    reexports: [],
    __syncModuleProgram__: functor,
    __fixedExportMap__: { buildRootObject: ['buildRootObject'] },
    __liveExportMap__: {},
    __reexportMap__: {},
    ...more,
  }),
});

/** A CommonJS module. */
export const cjsModule = (source: string, imports: readonly string[] = []): ArchiveFile => ({
  parser: 'pre-cjs-json',
  bytes: json({
    imports,
    exports: ['default'],
    reexports: [],
    source: `(function (require, exports, module, __filename, __dirname) { 'use strict'; ${source}\n})\n`,
  }),
});

export const fileOf = (parser: string, content: string | Uint8Array): ArchiveFile => ({
  parser,
  bytes: Buffer.from(content),
});

/** A module of the compartment map: a file, or a record as it stands there. */
export type MapModule = ArchiveFile | Readonly<Record<string, unknown>>;

const isFile = (module: MapModule): module is ArchiveFile => 'bytes' in module;

export type Packages = Readonly<Record<string, Readonly<Record<string, MapModule>>>>;

export interface Parts {
  readonly map: unknown;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The compartment map and the files of packages; the entry is `./vat.js` of the first one. */
export const partsOf = (packages: Packages): Parts => {
  const files = new Map<string, Uint8Array>();
  const compartments: Record<string, unknown> = {};
  for (const [name, modules] of Object.entries(packages)) {
    const location = `${name}-v1.0.0`;
    const described = Object.entries(modules).map(([specifier, module]) => {
      if (!isFile(module)) return [specifier, module];
      const path = specifier.replace(/^\.\//, '');
      files.set(`${location}/${path}`, module.bytes);
      return [specifier, { location: path, parser: module.parser, sha512: sha512(module.bytes) }];
    });
    compartments[location] = {
      name,
      label: location,
      location,
      modules: Object.fromEntries(described) as unknown,
    };
  }
  const entry = { compartment: `${Object.keys(packages)[0]}-v1.0.0`, module: './vat.js' };
  return { map: { tags: [], entry, compartments }, files };
};

/** The zip's bytes as a bundle, with the hash of the given map. */
export const bundleOf = (zip: Uint8Array, map: Uint8Array): Bundle => ({
  moduleFormat: 'endoZipBase64',
  endoZipBase64: Buffer.from(zip).toString('base64'),
  endoZipBase64Sha512: sha512(map),
});

export const zipOf = ({ map, files }: Parts): { zip: Uint8Array; mapBytes: Uint8Array } => {
  const writer = new ZipWriter({ date: new Date(0) });
  const mapBytes = json(map);
  writer.write('compartment-map.json', mapBytes);
  for (const [path, bytes] of files) writer.write(path, bytes);
  return { zip: writer.snapshot(), mapBytes };
};

/** A bundle of packages. Another compartment's module: `{ compartment: 'name-v1.0.0', module }`. */
export const bundlePackages = (packages: Packages): Bundle => {
  const { zip, mapBytes } = zipOf(partsOf(packages));
  return bundleOf(zip, mapBytes);
};

/** A bundle of one package with the ES modules of these names (`vat` first). */
export const bundleModules = (sources: Readonly<Record<string, string>>): Bundle =>
  bundlePackages({
    program: Object.fromEntries(
      Object.entries(sources).map(([name, source]) => [`./${name}.js`, esModule(source)]),
    ),
  });

/** Text of `Far` for vats that import nothing. */
export const FAR = `
const Far = (name, methods) => {
  const proto = Object.create(Object.prototype, {
    [Symbol.for('passStyle')]: { value: 'remotable' },
    [Symbol.toStringTag]: { value: \`Alleged: \${name}\` },
  });
  return harden(Object.setPrototypeOf(methods, harden(proto)));
};
`;
