/**
 * Platform images: a local cache in its own table, which the first save creates. Images are not
 * consensus state: they are neither hashed nor exported, and a store works without them.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { bytesArgument, checkArguments, stringArgument } from './arguments.js';
import type { StoreDatabase } from './database.js';
import { StoreDamagedError, StoreMissingError } from './errors.js';
import { imageName } from './export-names.js';
import { sha256Hex } from './hash.js';
import { IMAGES_SQL, IMAGES_TABLE } from './schema.js';
import type { ImageStore } from './types.js';

/** Far more than any image needs. Guards against a few kilobytes that decompress to gigabytes. */
const MAX_IMAGE_BYTES = 2 ** 28;

/** @throws StoreDamagedError if the bytes don't decompress, are too many or have the wrong hash. */
export const unpackImage = (imageID: string, packed: Uint8Array): Buffer => {
  let bytes: Buffer;
  try {
    bytes = gunzipSync(packed, { maxOutputLength: MAX_IMAGE_BYTES });
  } catch (error) {
    const detail = 'its bytes do not decompress';
    throw new StoreDamagedError(imageName(imageID), detail, { cause: error });
  }
  const hash = sha256Hex(bytes);
  if (hash !== imageID) {
    throw new StoreDamagedError(imageName(imageID), `its bytes have hash ${hash}`);
  }
  return bytes;
};

export const makeImageStore = (db: StoreDatabase): ImageStore => {
  const sqlTable = db.prepare<number>(
    `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '${IMAGES_TABLE}'`,
    { pluck: true },
  );
  // Prepared at each use, because a rollback can remove the table.
  const readImage = (imageID: string): Buffer | undefined =>
    sqlTable.get() === undefined
      ? undefined
      : db
          .prepare<Buffer>(`SELECT bytes FROM ${IMAGES_TABLE} WHERE imageID = ?`, { pluck: true })
          .get(imageID);

  const imageStore: ImageStore = {
    has: imageID =>
      sqlTable.get() !== undefined &&
      db
        .prepare<number>(`SELECT 1 FROM ${IMAGES_TABLE} WHERE imageID = ?`, { pluck: true })
        .get(imageID) !== undefined,
    load: imageID => {
      const packed = readImage(imageID);
      if (packed === undefined) {
        throw new StoreMissingError(`platform image ${imageID}`);
      }
      return unpackImage(imageID, packed);
    },
    save: bytes => {
      const imageID = sha256Hex(bytes);
      db.exec(IMAGES_SQL);
      db.prepare(`INSERT OR REPLACE INTO ${IMAGES_TABLE} (imageID, bytes) VALUES (?, ?)`).run(
        imageID,
        gzipSync(bytes, { level: 1 }),
      );
      return imageID;
    },
  };
  return checkArguments('imageStore', imageStore, {
    has: [stringArgument('imageID')],
    load: [stringArgument('imageID')],
    save: [bytesArgument],
  });
};
