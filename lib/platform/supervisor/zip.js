/**
 * Reads zips whose entries are stored, not compressed, as in `endoZipBase64` bundles. The worker
 * and the kernel's check of a bundle (`../check-archive.ts`) both read with this module, so that
 * the worker finds in a zip exactly what the kernel has checked. Layout: PKWARE's APPNOTE, 4.3.
 *
 * Computes no CRC: in XS that takes half of the computrons of a vat's start. The kernel does it.
 *
 * @typedef {object} ZipEntry
 * @property {string} name
 * @property {number} flags
 * @property {number} method
 * @property {number} crc - CRC-32 that the directory states
 * @property {number} packedSize - in bytes
 * @property {number} size - in bytes
 * @property {boolean} isDirectory
 * @property {number} start - offset of the entry's own header
 *
 * @typedef {object} Zip
 * @property {Uint8Array} bytes
 * @property {DataView} view - of the same bytes
 * @property {number} directoryStart - the entries lie before it
 * @property {ZipEntry[]} entries - in the directory's order
 */

const END_SIGNATURE = 0x06054b50;
const END_LENGTH = 22;
const RECORD_SIGNATURE = 0x02014b50;
const RECORD_LENGTH = 46;
const HEADER_SIGNATURE = 0x04034b50;
const HEADER_LENGTH = 30;
const DIRECTORY_ATTRIBUTE = 0x10;

const decoder = new TextDecoder();

/**
 * Reads the directory of a zip. Comments and other bytes around the zip are refused, because
 * readers disagree about them.
 *
 * @param {Uint8Array} bytes
 * @returns {Zip}
 */
export const readZip = bytes => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - END_LENGTH;
  if (end < 0 || view.getUint32(end, true) !== END_SIGNATURE) {
    throw Error(`the zip has no directory at its end (${bytes.length} bytes)`);
  }
  const count = view.getUint16(end + 10, true);
  const directoryLength = view.getUint32(end + 12, true);
  const directoryStart = view.getUint32(end + 16, true);
  if (directoryStart + directoryLength !== end || view.getUint16(end + 20, true) !== 0) {
    throw Error(
      `the zip's directory is said to be ${directoryLength} bytes from ${directoryStart}, ` +
        `but must end at ${end}`,
    );
  }
  const entries = [];
  let at = directoryStart;
  for (let index = 0; index < count; index += 1) {
    if (at + RECORD_LENGTH > end || view.getUint32(at, true) !== RECORD_SIGNATURE) {
      throw Error(`the zip's directory has no record ${index} of ${count}`);
    }
    const nameEnd = at + RECORD_LENGTH + view.getUint16(at + 28, true);
    const next = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw Error(`record ${index} of the zip's directory is cut off`);
    entries.push({
      name: decoder.decode(bytes.subarray(at + RECORD_LENGTH, nameEnd)),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      isDirectory: (view.getUint32(at + 38, true) & DIRECTORY_ATTRIBUTE) !== 0,
      start: view.getUint32(at + 42, true),
    });
    at = next;
  }
  if (at !== end) throw Error(`the zip's directory has more than ${count} records`);
  return { bytes, view, directoryStart, entries };
};

/**
 * Returns the offset of an entry's contents.
 *
 * @param {Zip} zip
 * @param {ZipEntry} entry
 * @returns {number}
 */
export const contentStartOf = ({ view, directoryStart }, { name, start, packedSize }) => {
  if (start + HEADER_LENGTH > directoryStart || view.getUint32(start, true) !== HEADER_SIGNATURE) {
    throw Error(`entry ${name} of the zip has no header at ${start}`);
  }
  const contentStart =
    start + HEADER_LENGTH + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
  if (contentStart + packedSize > directoryStart) {
    throw Error(`entry ${name} of the zip is cut off: ${packedSize} bytes from ${contentStart}`);
  }
  return contentStart;
};

/**
 * Returns the contents of an entry: a view, not a copy.
 *
 * @param {Zip} zip
 * @param {ZipEntry} entry
 * @returns {Uint8Array}
 */
export const contentOf = (zip, entry) => {
  const start = contentStartOf(zip, entry);
  return zip.bytes.subarray(start, start + entry.packedSize);
};
