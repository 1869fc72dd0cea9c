/**
 * Converts bundles to rows and back, and checks that a bundle matches its ID.
 *
 * - `b0-<sha256>`: a `nestedEvaluate` bundle, stored as JSON text. The hash is of that text.
 * - `b1-<sha512>`: an `endoZipBase64` bundle, stored as the bytes of its zip. The hash is of the
 *   compartment map in the zip, which holds the hash of every module.
 */
import { ZipReader } from '@endo/zip';
import { errorText, quoteValue } from '../errors.js';
import { BundleMismatchError } from './errors.js';
import { sha256Hex, sha512Hex } from './hash.js';
import type { Bundle } from './types.js';

/** A row's value and an artifact's bytes: text for b0-, bytes for b1-. */
export type BundleRow = string | Buffer;

/** A damaged row can hold any type, whatever `BundleRow` says. */
const isBytes = (row: unknown): row is Uint8Array => row instanceof Uint8Array;

type BundleVersion = 'b0' | 'b1';

const versionOf = (bundleID: string): BundleVersion => {
  const match = /^(b[01])-/.exec(bundleID);
  if (match === null) {
    throw new BundleMismatchError(bundleID, 'not a bundle ID (expected b0-… or b1-…)');
  }
  return match[1] as BundleVersion;
};

type Fields = Readonly<Record<string, unknown>>;

/** A module of the compartment map that has a file of its own in the zip. */
interface ModuleFile {
  readonly path: string;
  readonly sha512: unknown;
}

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The entries of a field that should be a record of records. The field may be missing. */
const recordsIn = (owner: Fields, field: string): [string, Fields][] => {
  const value = owner[field] ?? {};
  if (!isRecord(value)) {
    throw new TypeError(`${field} is ${quoteValue(value)}, not a record`);
  }
  return Object.entries(value).map(([name, inner]) => {
    if (!isRecord(inner)) {
      throw new TypeError(`${field} has ${quoteValue(inner)} for ${quoteValue(name)}`);
    }
    return [name, inner];
  });
};

/** Lists the modules of a compartment map that have a file. @throws TypeError if it is malformed */
const moduleFiles = (map: unknown): ModuleFile[] => {
  if (!isRecord(map)) {
    throw new TypeError(`it is ${quoteValue(map)}, not a record`);
  }
  const files: ModuleFile[] = [];
  for (const [name, compartment] of recordsIn(map, 'compartments')) {
    const { location: folder = name } = compartment;
    for (const [, { location, sha512 }] of recordsIn(compartment, 'modules')) {
      if (location !== undefined && sha512 !== undefined) {
        if (typeof folder !== 'string' || typeof location !== 'string') {
          throw new TypeError(`a location is ${quoteValue([folder, location])}`);
        }
        files.push({ path: `${folder}/${location}`, sha512 });
      }
    }
  }
  return files;
};

const verifyZip = (bundleID: string, zip: Uint8Array): void => {
  const mismatch = (detail: string, cause?: unknown): BundleMismatchError =>
    new BundleMismatchError(bundleID, detail, { cause });
  let reader: ZipReader;
  let modules: ModuleFile[];
  let mapHash: string;
  try {
    reader = new ZipReader(zip, { name: bundleID });
    const mapBytes = reader.read('compartment-map.json');
    mapHash = sha512Hex(mapBytes);
    modules = moduleFiles(JSON.parse(Buffer.from(mapBytes).toString('utf8')));
  } catch (error) {
    const reason = errorText(error);
    throw mismatch(`its zip or compartment map is unreadable: ${reason}`, error);
  }
  if (`b1-${mapHash}` !== bundleID) {
    throw mismatch(`its compartment map has SHA-512 ${mapHash}`);
  }
  for (const { path, sha512 } of modules) {
    let bytes: Uint8Array;
    try {
      bytes = reader.read(path);
    } catch (error) {
      throw mismatch(`its module ${path} is missing`, error);
    }
    if (sha512Hex(bytes) !== sha512) {
      throw mismatch(`its module ${path} does not have the hash in the compartment map`);
    }
  }
};

/** Any JSON text can have a b0- ID, so the text may not be a bundle. */
const parseBundle = (bundleID: string, text: string): Bundle => {
  let bundle: unknown;
  try {
    bundle = JSON.parse(text);
  } catch (error) {
    throw new BundleMismatchError(bundleID, 'it is not JSON', { cause: error });
  }
  if (!isRecord(bundle) || bundle['moduleFormat'] !== 'nestedEvaluate') {
    throw new BundleMismatchError(bundleID, `it is ${quoteValue(bundle)}, not a bundle`);
  }
  return bundle as unknown as Bundle;
};

/**
 * Checks a row or an artifact against its ID.
 * @throws BundleMismatchError
 */
export const verifyBundleRow = (bundleID: string, row: BundleRow): void => {
  if (versionOf(bundleID) === 'b1') {
    if (!isBytes(row)) {
      throw new BundleMismatchError(bundleID, `it is stored as a ${typeof row}, not as a zip`);
    }
    verifyZip(bundleID, row);
    return;
  }
  if (typeof row !== 'string' && !isBytes(row)) {
    throw new BundleMismatchError(bundleID, `it is stored as ${quoteValue(row)}, not as JSON`);
  }
  const hash = sha256Hex(row);
  if (`b0-${hash}` !== bundleID) {
    throw new BundleMismatchError(bundleID, `its JSON has SHA-256 ${hash}`);
  }
  parseBundle(bundleID, row.toString());
};

const fieldOf = (bundleID: string, bundle: Bundle, field: string): string => {
  const value = bundle[field];
  if (typeof value !== 'string') {
    throw new BundleMismatchError(bundleID, `its ${field} is ${quoteValue(value)}`);
  }
  return value;
};

const toJSON = (bundleID: string, bundle: Bundle): string => {
  try {
    return JSON.stringify(bundle);
  } catch (error) {
    throw new BundleMismatchError(bundleID, 'it can not be written as JSON', { cause: error });
  }
};

/**
 * Returns the row for a bundle, checked against the ID.
 * @throws BundleMismatchError
 */
export const encodeBundle = (bundleID: string, bundle: Bundle): BundleRow => {
  const version = versionOf(bundleID);
  const format = version === 'b0' ? 'nestedEvaluate' : 'endoZipBase64';
  if (bundle.moduleFormat !== format) {
    const actual = quoteValue(bundle.moduleFormat);
    throw new BundleMismatchError(bundleID, `its moduleFormat must be ${format}, not ${actual}`);
  }
  let row: BundleRow;
  if (version === 'b0') {
    row = toJSON(bundleID, bundle);
  } else {
    if (`b1-${fieldOf(bundleID, bundle, 'endoZipBase64Sha512')}` !== bundleID) {
      throw new BundleMismatchError(bundleID, 'its endoZipBase64Sha512 differs from the ID');
    }
    row = Buffer.from(fieldOf(bundleID, bundle, 'endoZipBase64'), 'base64');
  }
  verifyBundleRow(bundleID, row);
  return row;
};

/** Returns the bundle in a row that passed `verifyBundleRow`. */
export const decodeBundle = (bundleID: string, row: BundleRow): Bundle => {
  if (versionOf(bundleID) === 'b0') {
    return parseBundle(bundleID, row.toString());
  }
  return {
    moduleFormat: 'endoZipBase64',
    endoZipBase64Sha512: bundleID.slice('b1-'.length),
    endoZipBase64: (row as Buffer).toString('base64'),
  };
};
