/**
 * Serves `@endo/import-bundle` to a vat that has one of the known versions in its archive (issue
 * 15): bundles that the vat imports are then read by the supervisor's code, which is compiled in
 * the image, with a faster CRC. An archive that the image knows is not read at all.
 *
 * Invariants:
 * 1. A vat gets the served module only if its own one, and all that this imports, are known
 *    (`known-import-bundles.js`). The kernel has compared their hashes with their bytes.
 * 2. The served functions do one thing by themselves: they import an archive that
 *    `data-archive.js` accepts, with no options but endowments. All else, and every error that is
 *    found before a compartment is made, is the work of the vat's own module, which is loaded when
 *    it is first needed, without a turn in between.
 * 3. As many turns pass at each step as in the vat's own module.
 * 4. Compartments are made by the `Compartment` that the vat's own module would use, with its
 *    globals.
 */
import { ENTRIES, IMPORTS, AWAITING } from './known-import-bundles.js';

const PACKAGE = '@endo/import-bundle';
const ENTRY = './src/index.js';
/** Where the vat's own module is loaded from. No bundler makes such a specifier. */
const OWN = './src/index.js#own';
/** How much of a SHA-512 the known modules are listed by. */
const HASH_LENGTH = 40;

const { freeze, getOwnPropertyDescriptors, getPrototypeOf, hasOwn, setPrototypeOf } = Object;
const { ownKeys } = Reflect;

/**
 * Returns the files of a module and of all that it imports, by their paths, or undefined if one of
 * them is unknown.
 */
const knownFilesOf = ({ compartments }, location, specifier) => {
  const files = new Map();
  const hashes = new Set();
  const visit = (at, name) => {
    const compartment = compartments[at];
    const module = compartment.modules[name];
    if (module === undefined) return false;
    if (module.compartment !== undefined) return visit(module.compartment, module.module);
    const path = `${at}/${module.location}`;
    if (files.has(path)) return true;
    const hash = module.sha512?.slice(0, HASH_LENGTH);
    if (compartment.policy !== undefined || !hasOwn(IMPORTS, hash)) return false;
    files.set(path, module);
    hashes.add(hash);
    return IMPORTS[hash].every(imported => visit(at, imported));
  };
  return visit(location, specifier) ? { files, hashes } : undefined;
};

/** Finds the vat's own module in a compartment map, if the vat may get the served one instead. */
const findKnown = map => {
  for (const [location, { name, modules = {} }] of Object.entries(map.compartments)) {
    const hash = modules[ENTRY]?.sha512?.slice(0, HASH_LENGTH);
    if (name === PACKAGE && hasOwn(ENTRIES, hash)) {
      const known = knownFilesOf(map, location, ENTRY);
      if (known === undefined) return undefined;
      const { files, hashes } = known;
      return {
        location,
        exports: ENTRIES[hash],
        files,
        awaitsImport: AWAITING.some(awaiting => hashes.has(awaiting)),
      };
    }
  }
  return undefined;
};

/** Whether a value is a plain record of data with no other names. */
const isPlain = (value, names) => {
  if (typeof value !== 'object' || value === null) return false;
  if (getPrototypeOf(value) !== Object.prototype) return false;
  const properties = getOwnPropertyDescriptors(value);
  return ownKeys(properties).every(key => names.includes(key) && hasOwn(properties[key], 'value'));
};

const BUNDLE = ['moduleFormat', 'endoZipBase64', 'endoZipBase64Sha512'];
/** `filePrefix` means nothing to archives. */
const OPTIONS = ['endowments', 'filePrefix'];

const isServable = (bundle, options, powers) =>
  isPlain(bundle, BUNDLE) &&
  bundle.moduleFormat === 'endoZipBase64' &&
  typeof bundle.endoZipBase64 === 'string' &&
  isPlain(options, OPTIONS) &&
  isPlain(powers, []);

/**
 * Makes what a vat sees in place of its own module.
 *
 * @param {object} own
 * @param {readonly string[]} own.exports
 * @param {boolean} own.awaitsImport
 * @param {(compartment: object) => object} own.load - the namespace of the vat's own module
 * @param {object} archives
 * @param {(text: string) => object | undefined} archives.read - the archive, if it is plain
 * @param {(archive: object, options: object) => Promise<{ namespace: object }>} archives.execute
 */
const makeServedModule = ({ exports, awaitsImport, load }, { read, execute }) => ({
  imports: [],
  exports: [...exports],
  execute: (env, compartment) => {
    const { Compartment, TextEncoder, TextDecoder, URL, Base64, atob, btoa } =
      compartment.globalThis;

    const prepare = (...args) => {
      try {
        return isServable(...args) ? read(args[0].endoZipBase64) : undefined;
      } catch {
        return undefined;
      }
    };

    // As `parseArchive` is made of two functions.
    const parseLite = async () => {
      await null;
    };
    const parse = async () => parseLite();

    const importPrepared = async (bundle, options, powers, { archive, text }) => {
      await null;
      // The caller may have changed them meanwhile.
      if (!isServable(bundle, options, powers) || bundle.endoZipBase64 !== text) {
        return load(compartment).importBundle(bundle, options, powers);
      }
      const { endowments = {} } = options;
      const globals = { TextEncoder, TextDecoder, URL, Base64, atob, btoa, ...endowments };
      await parse();
      const { namespace } = await execute(archive, { globals, Compartment, awaitsImport });
      archive.forgetZip();
      return namespace;
    };

    const served = {
      importBundle(bundle, options = {}, powers = {}) {
        const archive = prepare(bundle, options, powers);
        if (archive === undefined) return load(compartment).importBundle(bundle, options, powers);
        const text = bundle.endoZipBase64;
        return importPrepared(bundle, options, powers, { archive, text });
      },
      bundleTestExports: testExports => load(compartment).bundleTestExports(testExports),
    };
    // It is one to all who ask, except that it calls the vat's own without a turn in between.
    setPrototypeOf(
      served.importBundle,
      getPrototypeOf(async () => {}),
    );
    served.typedImportBundle = served.importBundle;
    for (const name of exports) env[name] = served[name];
  },
});

/**
 * Returns what the loader of a vat's archive needs in order to serve the module, or undefined if
 * the archive has none that is known: the record of a module that is served, hooks for loading the
 * vat's own one, and the files that this may need later.
 *
 * @param {object} map - the compartment map
 * @param {(location: string, specifier: string) => object} recordOf
 * @param {Parameters<typeof makeServedModule>[1]} archives
 */
export const serveImportBundle = (map, recordOf, archives) => {
  const known = findKnown(map);
  if (known === undefined) return undefined;
  const { location, exports, awaitsImport, files } = known;
  let isLoading = false;

  const load = compartment => {
    isLoading = true;
    try {
      return compartment.importNow(OWN);
    } finally {
      isLoading = false;
    }
  };

  const served = makeServedModule({ exports, awaitsImport, load }, archives);
  return freeze({
    files,
    servedRecord: (at, specifier) => (at === location && specifier === ENTRY ? served : undefined),
    makeImportNowHook:
      ({ packageLocation }) =>
      specifier => {
        // As `link` answers without such a hook.
        if (!isLoading) throw Error('Provided read powers do not support dynamic requires');
        const isOwn = packageLocation === location && specifier === OWN;
        return { record: recordOf(packageLocation, isOwn ? ENTRY : specifier), specifier };
      },
  });
};
