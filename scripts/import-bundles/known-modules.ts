/** Reads the modules of `@endo/import-bundle`, and all that they import, from an archive. */
import { posix } from 'node:path';
import { contentOf, readZip } from '../../lib/platform/supervisor/zip.js';

const PACKAGE = '@endo/import-bundle';
const ENTRY = './src/index.js';
/** As in `lib/platform/supervisor/served-import-bundle.js`. */
const HASH_LENGTH = 40;
/** A later `parseArchive` looks at its result, which takes a turn more. */
const AWAITS_IMPORT = '__noNamespaceBox__ ?';
const SERVED = ['bundleTestExports', 'importBundle', 'typedImportBundle'];

interface Module {
  readonly location: string;
  readonly sha512: string;
  readonly compartment?: string;
  readonly module?: string;
}

interface CompartmentMap {
  readonly compartments: Readonly<
    Record<string, { readonly name: string; readonly modules: Readonly<Record<string, Module>> }>
  >;
}

interface ModuleRecord {
  readonly imports: readonly string[];
  readonly reexports?: readonly string[];
  readonly exports: readonly string[];
  readonly __syncModuleProgram__?: string;
  readonly __fixedExportMap__: Readonly<Record<string, unknown>>;
  readonly __liveExportMap__: Readonly<Record<string, unknown>>;
}

/** By the beginning of a module's SHA-512. */
export interface KnownModules {
  /** The exports of each version's own module. */
  readonly entries: Map<string, readonly string[]>;
  /** What a module imports, as names in its package. */
  readonly imports: Map<string, readonly string[]>;
  /** Modules whose version awaits an import. */
  readonly awaiting: Set<string>;
}

const resolve = (specifier: string, importer: string): string =>
  specifier.startsWith('.') ? `./${posix.join(posix.dirname(importer), specifier)}` : specifier;

/** Adds what an archive has of them. */
export const addKnownModules = (known: KnownModules, endoZipBase64: string): void => {
  const zip = readZip(Buffer.from(endoZipBase64, 'base64'));
  const contents = new Map(zip.entries.map(entry => [entry.name, contentOf(zip, entry)]));
  const read = (path: string): unknown => {
    const bytes = contents.get(path);
    if (!bytes) throw Error(`the archive has no ${path}`);
    return JSON.parse(Buffer.from(bytes).toString());
  };
  const { compartments } = read('compartment-map.json') as CompartmentMap;

  const visited = new Set<string>();
  const visit = (location: string, specifier: string): void => {
    const module = compartments[location]?.modules[specifier];
    if (!module) throw Error(`the archive has no module ${specifier} in ${location}`);
    if (module.compartment !== undefined) {
      visit(module.compartment, module.module!);
      return;
    }
    const path = `${location}/${module.location}`;
    if (visited.has(path)) return;
    visited.add(path);
    const hash = module.sha512.slice(0, HASH_LENGTH);
    const record = read(path) as ModuleRecord;
    const specifiers = [...new Set([...record.imports, ...(record.reexports ?? [])])];
    const imports = specifiers.map(name => resolve(name, specifier));
    known.imports.set(hash, imports);
    if (record.__syncModuleProgram__?.includes(AWAITS_IMPORT)) {
      if (module.location === 'src/import-archive-lite.js') known.awaiting.add(hash);
    }
    for (const name of imports) visit(location, name);
  };

  for (const [location, { name, modules }] of Object.entries(compartments)) {
    const module = modules[ENTRY];
    if (name !== PACKAGE || !module) continue;
    visit(location, ENTRY);
    const record = read(`${location}/${module.location}`) as ModuleRecord;
    const exports = Object.keys({ ...record.__fixedExportMap__, ...record.__liveExportMap__ });
    const other = exports.find(exported => !SERVED.includes(exported));
    if (other !== undefined) throw Error(`${location} exports ${other}, which is not served`);
    known.entries.set(module.sha512.slice(0, HASH_LENGTH), exports.sort());
  }
};
