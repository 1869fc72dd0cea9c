/**
 * Imports `endoZipBase64` bundles with the isolation of stock `importBundle`, but without the CRC
 * of each entry, which takes half of the computrons of a vat's start (issue 15).
 *
 * Boundary: for bundles that the kernel has checked (`../check-archive.ts`), and for those that a
 * served `importBundle` has (`served-import-bundle.js`).
 *
 * Invariants:
 * 1. Compartments, globals, module records and error texts are those of `importBundle` without
 *    transforms. `link` of the compartment mapper makes the compartments.
 * 2. As many turns pass between the bodies of the modules and the caller's next step as with
 *    `importBundle`: a module may have started a chain of promises, whose steps come before or after
 *    `buildRootObject`.
 * 3. A kept archive is read once. Its module records are hardened and shared by all who import it;
 *    their functors are evaluated once for each compartment, as always. Lockdown finds the compiled
 *    ones by their source, so they serve all bundles with the same modules.
 */
import { decodeBase64 } from '@endo/base64';
import { defaultParserForLanguage } from '@endo/compartment-mapper/import-archive-parsers.js';
// The packages export none of these, and a copy would age.
import { assertCompartmentMap } from '../../../node_modules/@endo/compartment-mapper/src/compartment-map.js';
import { link } from '../../../node_modules/@endo/compartment-mapper/src/link.js';
import { join } from '../../../node_modules/@endo/compartment-mapper/src/node-module-specifier.js';
import { wrapInescapableCompartment } from '../../../node_modules/@endo/import-bundle/src/compartment-wrapper.js';
import { isPlainMap, readDataZip } from './data-archive.js';
import { serveImportBundle } from './served-import-bundle.js';
import { contentOf, readZip } from './zip.js';

/** The name that `importBundle` gives to an archive without a URL. It is in error texts. */
const ARCHIVE = '<unknown>';
const MAP_FILE = 'compartment-map.json';

const { quote: q } = assert;
const decoder = new TextDecoder();
const parsers = harden({ __proto__: null, ...defaultParserForLanguage });

/** A module that throws when it is executed. What imports it may never get that far. */
const makeFailingModule = message =>
  harden({
    imports: [],
    exports: [],
    execute: () => {
      throw Error(message);
    },
  });

/** The modules of a compartment map that have files. */
const filesOf = ({ compartments }) =>
  Object.values(compartments)
    .flatMap(({ modules = {} }) => Object.values(modules))
    .filter(({ parser }) => parser !== undefined);

/**
 * Reads the compartment map of an archive. `forgetZip` drops the zip if no module is left that could
 * still be loaded, so that it does not stay in the vat's heap. It copies the files of those that
 * are seldom needed.
 *
 * @param {ReturnType<typeof readZip>} wholeZip
 */
const openArchive = wholeZip => {
  let zip = wholeZip;
  const files = new Map();
  for (const entry of zip.entries) if (!entry.isDirectory) files.set(entry.name, entry);
  const copies = new Map();
  const read = name => {
    const copy = copies.get(name);
    if (copy !== undefined) return copy;
    const entry = files.get(name);
    if (entry === undefined) throw Error(`Cannot find file ${name} in Zip file ${ARCHIVE}`);
    return contentOf(zip, entry);
  };
  const map = JSON.parse(decoder.decode(read(MAP_FILE)));
  assertCompartmentMap(map, ARCHIVE);
  const unparsed = new Set(filesOf(map));
  const parsed = module => {
    unparsed.delete(module);
  };
  const forgetZip = (seldom = new Map()) => {
    const left = [...seldom].filter(([, module]) => unparsed.has(module));
    if (zip === undefined || left.length !== unparsed.size) return;
    for (const [path] of left) copies.set(path, read(path).slice());
    zip = undefined;
  };
  return { map, read, parsed, forgetZip, keptRecord: () => undefined };
};

/** @param {string} endoZipBase64 */
const readArchive = endoZipBase64 => openArchive(readZip(decodeBase64(endoZipBase64)));

/** The name of a module in stacks: the last part of its package's name, and its specifier. */
const sourceNameOf = ({ name }, specifier, path) =>
  name === undefined
    ? `file:///${path}`
    : `.../${join(name.slice(name.lastIndexOf('/') + 1), specifier)}`;

/** Returns the record of a module, parsed anew unless the archive keeps it. */
const recordOf = ({ map, read, parsed, keptRecord }, packageLocation, specifier) => {
  const kept = keptRecord(packageLocation, specifier);
  if (kept !== undefined) return kept;
  const descriptor = map.compartments[packageLocation];
  const module = descriptor.modules[specifier];
  const where = `in package ${q(packageLocation)} in archive ${q(ARCHIVE)}`;
  if (module === undefined) throw Error(`Cannot find module ${q(specifier)} ${where}`);
  if (module.deferredError !== undefined) return makeFailingModule(module.deferredError);
  if (module.parser === undefined) throw Error(`Cannot parse module ${q(specifier)} ${where}`);
  const parser = parsers[module.parser];
  if (parser === undefined) {
    throw Error(`Cannot parse ${q(module.parser)} module ${q(specifier)} ${where}`);
  }
  const path = `${packageLocation}/${module.location}`;
  const sourceName = sourceNameOf(descriptor, specifier, path);
  const { record } = parser.parse(read(path), specifier, sourceName, packageLocation, {
    compartmentDescriptor: descriptor,
  });
  parsed(module);
  return record;
};

/**
 * Parses the modules of an archive, gives their programs to `compile`, and forgets its zip.
 * Modules that export bytes are parsed anew by each import, because bytes can't be frozen.
 */
const parseAll = (archive, compile) => {
  const records = new Map();
  const files = new Map();
  for (const [location, { modules = {} }] of Object.entries(archive.map.compartments)) {
    const ofPackage = new Map();
    records.set(location, ofPackage);
    for (const [specifier, module] of Object.entries(modules)) {
      const path = `${location}/${module.location}`;
      if (module.parser === 'bytes') files.set(path, archive.read(path).slice());
      else if (module.parser !== undefined) {
        const record = harden(recordOf(archive, location, specifier));
        ofPackage.set(specifier, record);
        const { __syncModuleProgram__: program } = record;
        if (program !== undefined) compile(program);
      }
    }
  }
  return {
    map: archive.map,
    read: path => files.get(path),
    parsed: () => {},
    forgetZip: () => {},
    keptRecord: (location, specifier) => records.get(location)?.get(specifier),
  };
};

/** The vat's own archive: nobody can count the turns until its modules run. */
const makeImportHookOf =
  (archive, serving) =>
  ({ packageLocation }) =>
  async specifier => ({
    record:
      serving?.servedRecord(packageLocation, specifier) ??
      recordOf(archive, packageLocation, specifier),
    specifier,
  });

/** An archive that a vat imports: modules take as many turns as with `parseArchive`. */
const makeImportHookOfData =
  archive =>
  ({ packageLocation }) =>
  async specifier => {
    await null;
    const record = recordOf(archive, packageLocation, specifier);
    await null;
    return { record, specifier };
  };

/** Makes the compartments of an archive. */
const linkArchive = (map, options) =>
  link(map, {
    parserForLanguage: defaultParserForLanguage,
    __shimTransforms__: [],
    ...options,
  });

/**
 * Links and executes an archive.
 *
 * @param {object} map
 * @param {object} options - of `link`, and
 * @param {boolean} [options.awaitsImport] - as some versions of `parseArchive` do, for a turn more
 */
const execute = async (map, { awaitsImport = false, ...options }) => {
  const { compartment, pendingJobsPromise } = linkArchive(map, options);
  await pendingJobsPromise;
  // By index, because ses refuses sources that seem to import dynamically.
  const imported = compartment['import'](map.entry.module);
  return awaitsImport ? await imported : imported;
};

/** The globals of all modules, of which `importBundle` endows some by itself; and `Compartment`. */
const optionsOf = ({ endowments, inescapableGlobalProperties }) => {
  const { URL, Base64, atob, btoa } = globalThis;
  return {
    globals: { TextEncoder, TextDecoder, URL, Base64, atob, btoa, ...endowments },
    Compartment: wrapInescapableCompartment(Compartment, [], inescapableGlobalProperties),
  };
};

/** An archive of no modules. */
const EMPTY = {
  map: {
    tags: [],
    entry: { compartment: 'empty', module: '.' },
    compartments: { empty: { name: 'empty', label: 'empty', location: 'empty', modules: {} } },
  },
};

/**
 * Makes a loader of archives, and the store of those that it keeps.
 *
 * @param {(source: string, globalObject: object) => boolean} compileModuleAhead - lockdown's; false
 *   for a source that it does not compile. Compiled code fits compartments whose global objects have
 *   the same names as the given one.
 */
export const makeArchives = compileModuleAhead => {
  /** By `endoZipBase64`: a hash that a bundle states about itself proves nothing. */
  const kept = new Map();

  /** For bundles that a vat imports. */
  const dataArchives = {
    read: endoZipBase64 => {
      const archive =
        kept.get(endoZipBase64) ?? openArchive(readDataZip(decodeBase64(endoZipBase64)));
      return isPlainMap(archive.map) ? archive : undefined;
    },
    execute: (archive, options) =>
      execute(archive.map, { ...options, makeImportHook: makeImportHookOfData(archive) }),
  };

  return harden({
    /**
     * Keeps an archive, with its modules parsed and compiled.
     *
     * @param {string} endoZipBase64
     * @param {{ endowments: object, inescapableGlobalProperties: object }} sample - stand-ins under
     *   the names that vats will get
     */
    keep: (endoZipBase64, sample) => {
      if (kept.has(endoZipBase64)) return;
      const { compartment } = linkArchive(EMPTY.map, {
        ...optionsOf(sample),
        makeImportHook: makeImportHookOf(EMPTY),
      });
      const compile = program => compileModuleAhead(program, compartment.globalThis);
      kept.set(endoZipBase64, parseAll(readArchive(endoZipBase64), compile));
    },
    /**
     * Imports an archive.
     *
     * @param {string} endoZipBase64
     * @param {object} options
     * @param {object} options.endowments
     * @param {object} options.inescapableGlobalProperties
     * @param {boolean} options.serves - whether the archive gets a served `importBundle`
     * @returns {Promise<object>} the namespace of its entry module
     */
    importArchive: async (endoZipBase64, { serves = false, ...environment }) => {
      await null;
      const archive = kept.get(endoZipBase64) ?? readArchive(endoZipBase64);
      const serving = serves
        ? serveImportBundle(archive.map, (...args) => recordOf(archive, ...args), dataArchives)
        : undefined;
      const { namespace } = await execute(archive.map, {
        ...optionsOf(environment),
        makeImportHook: makeImportHookOf(archive, serving),
        ...(serving && { makeImportNowHook: serving.makeImportNowHook }),
      });
      archive.forgetZip(serving?.files);
      return namespace;
    },
  });
};
