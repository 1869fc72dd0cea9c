/** Sets a vat up: liveslots, what it gets from the worker, and the import of the vat's bundle. */
import { assert } from '@endo/errors';
import { importBundle } from '@endo/import-bundle';
import { makeLiveSlots } from '@agoric/swingset-liveslots';
import { makeMeterControl } from './meter-control.js';
import { makeTestLog, makeVatConsole } from './outputs.js';
import { makeSyscall } from './syscall.js';
import { gcAndFinalize, waitUntilQuiescent } from './turns.js';

const meterControl = makeMeterControl();

const endowWith = (console, vatGlobals) => ({
  console,
  assert: globalThis.assert,
  HandledPromise: globalThis.HandledPromise,
  TextEncoder,
  TextDecoder,
  Base64: globalThis.Base64,
  ...vatGlobals,
});

/** The names of all that a vat's modules get, where liveslots is not there yet to give it. */
export const SAMPLE_OPTIONS = harden({
  endowments: endowWith(undefined, { VatData: undefined }),
  inescapableGlobalProperties: { WeakMap: undefined, WeakSet: undefined },
});

/**
 * Imports the bundle of the vat. The kernel has checked archives; bundles of other formats have no
 * archive.
 */
const importVat = (archives, bundle, { serves, ...options }) =>
  bundle.moduleFormat === 'endoZipBase64'
    ? archives.importArchive(bundle.endoZipBase64, { ...options, serves })
    : importBundle(bundle, options);

/**
 * Returns the vat's dispatcher of deliveries.
 *
 * @param {object} powers
 * @param {ReturnType<import('./port.js').makePort>} powers.port
 * @param {ReturnType<import('./archive.js').makeArchives>} powers.archives
 * @param {string} vatID
 * @param {object} bundle
 * @param {object} options - of liveslots, and
 * @param {boolean} [options.serveImportBundle]
 */
export const makeVat = (
  { port, archives },
  vatID,
  bundle,
  { serveImportBundle = false, ...liveSlotsOptions },
) => {
  /** Undefined after the import, so that a collection frees the long text. */
  let pending = bundle;

  const buildVatNamespace = async (vatGlobals, inescapableGlobalProperties) => {
    assert(pending, 'the vat is imported already');
    const namespace = await importVat(archives, pending, {
      endowments: endowWith(makeVatConsole(port, 'vat'), vatGlobals),
      inescapableGlobalProperties,
      serves: serveImportBundle,
    });
    pending = undefined;
    return namespace;
  };

  const { dispatch } = makeLiveSlots(
    makeSyscall(port),
    vatID,
    { testLog: makeTestLog(port) },
    liveSlotsOptions,
    harden({ WeakRef, FinalizationRegistry, waitUntilQuiescent, gcAndFinalize, meterControl }),
    makeVatConsole(port, 'ls'),
    buildVatNamespace,
  );
  return dispatch;
};
