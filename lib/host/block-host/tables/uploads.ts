/** Bundles that arrive in chunks. Each sender's uploads are apart from those of others. */
import type { RowReader, Rows } from '../rows.js';
import { JsonTable } from './json-rows.js';
import { chainKey, numberInKey } from './schema.js';

export interface Upload {
  readonly chunks: number;
  /** Bytes of the whole bundle. */
  readonly size: number;
  readonly received: number;
  /** Bytes of the chunks so far. */
  readonly receivedBytes: number;
  /** The block that deletes it if it is still incomplete. */
  readonly expires: number;
}

const uploads = new JsonTable<Upload>(chainKey('upload.'));
/** base64 */
const chunks = new JsonTable<string>(chainKey('chunk.'));

export interface UploadName {
  readonly sender: string;
  readonly bundleID: string;
}

const nameOf = ({ sender, bundleID }: UploadName): string => `${sender}.${bundleID}`;
const chunkOf = (name: UploadName, chunk: number): string =>
  `${nameOf(name)}.${numberInKey(chunk)}`;

export const readUpload = (rows: RowReader, name: UploadName): Upload | undefined =>
  uploads.read(rows, nameOf(name));

export const writeUpload = (rows: Rows, name: UploadName, upload: Upload): void =>
  uploads.write(rows, nameOf(name), upload);

export const readChunk = (rows: RowReader, name: UploadName, chunk: number): string | undefined =>
  chunks.read(rows, chunkOf(name, chunk));

export const writeChunk = (rows: Rows, name: UploadName, chunk: number, bytes: string): void =>
  chunks.write(rows, chunkOf(name, chunk), bytes);

export const listUploads = (
  rows: RowReader,
): readonly (UploadName & { readonly upload: Upload })[] =>
  [...uploads.entries(rows)].map(([name, upload]) => {
    const [sender = '', bundleID = ''] = name.split('.');
    return { sender, bundleID, upload };
  });

/** Deletes the upload and its chunks. */
export const deleteUpload = (rows: Rows, name: UploadName): void => {
  uploads.delete(rows, nameOf(name));
  for (const chunk of chunks.names(rows, `${nameOf(name)}.`)) chunks.delete(rows, chunk);
};
