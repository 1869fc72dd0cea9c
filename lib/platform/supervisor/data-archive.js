/**
 * Decides whether an archive that reached a vat as data is one that all known versions of
 * `@endo/import-bundle` import alike: a zip without oddities, whose CRCs are right, with a
 * compartment map as bundlers write it. Errors are for nobody to see: the vat's own code imports
 * every other archive, or refuses it.
 */
import { makeCrc32 } from './crc32.js';
import { contentStartOf, readZip } from './zip.js';

const END_LENGTH = 22;
const STORED = 0;
const ENCRYPTED = 1;
/** Counts from here on mean the larger format of zips. */
const ZIP64_COUNT = 0xffff;
const NAME = 30;

const decoder = new TextDecoder();
const { keys, values, entries } = Object;

/**
 * @param {Uint8Array} bytes
 * @returns {ReturnType<typeof readZip>}
 */
export const readDataZip = bytes => {
  const zip = readZip(bytes);
  const { view } = zip;
  const end = bytes.length - END_LENGTH;
  const count = view.getUint16(end + 8, true);
  if (view.getUint32(end + 4, true) !== 0) throw Error('the zip has several disks');
  if (count !== zip.entries.length || count === ZIP64_COUNT) throw Error('the zip has other parts');
  const crc32 = makeCrc32(bytes);
  for (const entry of zip.entries) {
    const { start, flags, method, crc, packedSize, size, isDirectory, name } = entry;
    const contentStart = contentStartOf(zip, entry);
    const nameStart = start + NAME;
    const nameEnd = nameStart + view.getUint16(start + 26, true);
    const isPlain =
      method === STORED &&
      (flags & ENCRYPTED) === 0 &&
      size === packedSize &&
      !isDirectory &&
      view.getUint16(start + 6, true) === flags &&
      view.getUint16(start + 8, true) === method &&
      view.getUint32(start + 14, true) === crc &&
      view.getUint32(start + 18, true) === packedSize &&
      view.getUint32(start + 22, true) === size &&
      decoder.decode(bytes.subarray(nameStart, nameEnd)) === name &&
      !name.includes('\\') &&
      crc32(contentStart, contentStart + packedSize) === crc;
    if (!isPlain) throw Error(`entry ${name} is not plain`);
  }
  return zip;
};

/** Newer compartment mappers refuse other labels. */
const LABEL = /^(?:@[a-z][a-z0-9-.]*\/)?[a-z][a-z0-9-.]*$/;
const ROOT_LABEL = '$root$';
const isLabel = label => label === ROOT_LABEL || label.split('>').every(part => LABEL.test(part));

const PARSERS = ['pre-mjs-json', 'pre-cjs-json', 'json'];

const hasOnly = (record, ...names) => keys(record).every(name => names.includes(name));

const isPlainModule = module =>
  module.compartment === undefined
    ? hasOnly(module, 'location', 'parser', 'sha512') &&
      typeof module.location === 'string' &&
      PARSERS.includes(module.parser)
    : hasOnly(module, 'compartment', 'module', 'retained');

/** Whether a compartment map, which `assertCompartmentMap` has accepted, is as bundlers write it. */
export const isPlainMap = ({ tags, compartments }) =>
  Array.isArray(tags) &&
  entries(compartments).every(
    ([location, compartment]) =>
      // The import of an archive marks the compartments that it used.
      hasOnly(compartment, 'name', 'label', 'location', 'modules', 'retained') &&
      compartment.location === location &&
      isLabel(compartment.label) &&
      values(compartment.modules).every(isPlainModule),
  );
