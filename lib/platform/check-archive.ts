/**
 * Checks an `endoZipBase64` bundle for our platform, whose workers do not (issue 15): once per
 * bundle and process, before a vat starts from it.
 *
 * Invariants:
 * 1. The worker's loader reads the zip with the same module (`supervisor/zip.js`), so that it finds
 *    exactly the bytes that were checked here.
 * 2. The rules decide which vats start, so they are part of the platform: changing them takes
 *    another supervisor bundle, and thereby another platform.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { errorText } from '../errors.js';
import type { Bundle } from '../store/types.js';
import { checkModule, MAP_FILE, readCompartmentMap, type ModuleFile } from './archive-modules.js';
import { BadArchiveError } from './errors.js';
import { contentOf, contentStartOf, readZip, type Zip, type ZipEntry } from './supervisor/zip.js';

/** Entries are stored, not compressed, so this also limits what a worker unpacks. */
const MAX_ARCHIVE_BYTES = 64 * 1024 * 1024;

const STORED = 0;
const ENCRYPTED = 1;

/** Offsets in an entry's own header of what the directory says as well, and their lengths. */
const HEADER_COPIES = [
  ['flags', 6, 2],
  ['method', 8, 2],
  ['crc', 14, 4],
  ['packedSize', 18, 4],
  ['size', 22, 4],
] as const;
const HEADER_NAME_LENGTH = 26;
const HEADER_NAME = 30;

/** Runs a part of the reader, whose errors have no type: it runs in workers too. */
const reading = <T>(entry: string | undefined, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw new BadArchiveError(entry, errorText(error), { cause: error });
  }
};

const decodeBase64 = (text: string): Uint8Array => {
  const bytes = Buffer.from(text, 'base64');
  // Buffer skips what is not base64, and the worker's decoder may not.
  if (bytes.toString('base64') !== text) {
    throw new BadArchiveError(undefined, 'endoZipBase64 is not base64');
  }
  if (bytes.length > MAX_ARCHIVE_BYTES) {
    throw new BadArchiveError(
      undefined,
      `the zip has ${bytes.length} bytes, and the limit is ${MAX_ARCHIVE_BYTES}`,
    );
  }
  return bytes;
};

const checkHeader = ({ bytes, view }: Zip, entry: ZipEntry): void => {
  for (const [field, offset, length] of HEADER_COPIES) {
    const at = entry.start + offset;
    const copy = length === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
    if (copy === entry[field]) continue;
    throw new BadArchiveError(
      entry.name,
      `has ${field} ${entry[field]} in the directory and ${copy} in its header`,
    );
  }
  const nameStart = entry.start + HEADER_NAME;
  const nameLength = view.getUint16(entry.start + HEADER_NAME_LENGTH, true);
  const name = Buffer.from(bytes.subarray(nameStart, nameStart + nameLength)).toString();
  if (name === entry.name) return;
  throw new BadArchiveError(entry.name, `has the name ${JSON.stringify(name)} in its header`);
};

/** Checks an entry and returns its contents. */
const checkEntry = (zip: Zip, entry: ZipEntry): Uint8Array => {
  const { name, flags, method, crc, packedSize, size } = entry;
  const content = reading(name, () => contentOf(zip, entry));
  checkHeader(zip, entry);
  if ((flags & ENCRYPTED) !== 0) throw new BadArchiveError(name, 'is encrypted');
  if (method !== STORED) {
    throw new BadArchiveError(name, `is compressed (method ${method}); entries must be stored`);
  }
  if (size !== packedSize) {
    throw new BadArchiveError(name, `is stored in ${packedSize} bytes, but unpacks to ${size}`);
  }
  const actual = crc32(content);
  if (actual !== crc) {
    throw new BadArchiveError(name, `has CRC-32 ${actual}, but the directory says ${crc}`);
  }
  return content;
};

/** Entries that share bytes would unpack to more than the zip holds. */
const checkApart = (zip: Zip): void => {
  const inOrder = [...zip.entries].sort((a, b) => a.start - b.start);
  let end = 0;
  let previous = '';
  for (const entry of inOrder) {
    if (entry.start < end) {
      const where = `begins at ${entry.start}, within entry ${previous}, which ends at ${end}`;
      throw new BadArchiveError(entry.name, where);
    }
    end = contentStartOf(zip, entry) + entry.packedSize;
    previous = entry.name;
  }
};

const checkZip = (bytes: Uint8Array): Map<string, Uint8Array> => {
  const zip = reading(undefined, () => readZip(bytes));
  const contents = new Map<string, Uint8Array>();
  for (const entry of zip.entries) {
    if (contents.has(entry.name)) throw new BadArchiveError(entry.name, 'is there twice');
    if (entry.isDirectory) throw new BadArchiveError(entry.name, 'is a directory, not a file');
    contents.set(entry.name, checkEntry(zip, entry));
  }
  checkApart(zip);
  return contents;
};

const fieldOf = (bundle: Bundle, field: string): string => {
  const value = bundle[field];
  if (typeof value === 'string') return value;
  throw new BadArchiveError(undefined, `${field} must be a string, not a ${typeof value}`);
};

export interface CheckedModule extends ModuleFile {
  /** In bytes. */
  readonly size: number;
}

/**
 * Checks an `endoZipBase64` bundle: the zip, the compartment map and its hash, and the hash and
 * format of each module. Takes about 10 ms per megabyte. Returns the modules.
 *
 * @throws BadArchiveError
 */
export const checkArchive = (bundle: Bundle): readonly CheckedModule[] => {
  const contents = checkZip(decodeBase64(fieldOf(bundle, 'endoZipBase64')));
  const map = contents.get(MAP_FILE);
  if (!map) throw new BadArchiveError(MAP_FILE, 'is missing');
  const expected = fieldOf(bundle, 'endoZipBase64Sha512');
  const actual = createHash('sha512').update(map).digest('hex');
  if (actual !== expected) {
    throw new BadArchiveError(MAP_FILE, `has SHA-512 ${actual}, but the bundle says ${expected}`);
  }
  const unused = new Set(contents.keys());
  unused.delete(MAP_FILE);
  const modules: CheckedModule[] = [];
  for (const module of readCompartmentMap(map)) {
    const bytes = contents.get(module.path);
    if (!bytes) throw new BadArchiveError(module.path, 'is missing');
    checkModule(module, bytes);
    unused.delete(module.path);
    modules.push({ ...module, size: bytes.length });
  }
  const [extra] = unused;
  if (extra !== undefined) throw new BadArchiveError(extra, 'belongs to no module of the map');
  return modules;
};

/**
 * Checks each of a store's bundles once, as far as it needs a check. The store has compared its
 * contents with the hash that names it.
 */
export const makeBundleChecker = (): ((bundle: Bundle) => void) => {
  const good = new Set<unknown>();
  return bundle => {
    const { moduleFormat, endoZipBase64Sha512 } = bundle;
    if (moduleFormat !== 'endoZipBase64' || good.has(endoZipBase64Sha512)) return;
    checkArchive(bundle);
    good.add(endoZipBase64Sha512);
  };
};
