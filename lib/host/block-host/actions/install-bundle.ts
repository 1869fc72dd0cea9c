/**
 * Bundles that arrive in chunks.
 *
 * Invariants
 * 1. A bundle is installed only when all of its bytes are there and match its ID.
 * 2. An upload leaves no rows when it is complete, wrong or expired.
 * 3. Nothing parses the bytes before their depth is known to be within the limit: what writes deep
 *    data as JSON overflows the stack, at a depth that differs between nodes.
 */
import { createHash } from 'node:crypto';
import { SwingsetError } from '../../../errors.js';
import { isDeeperThan } from '../../../kernel/delivery/capdata-limits.js';
import type { Bundle } from '../../../store/types.js';
import type { InstallBundleAction } from '../../transactions/action-types.js';
import { MAX_DEPTH } from '../../transactions/canonical-json.js';
import type { BlockWork } from '../block-work.js';
import type { ChainParams } from '../../chain-params.js';
import type { RowReader } from '../rows.js';
import {
  deleteUpload,
  listUploads,
  readChunk,
  readUpload,
  writeChunk,
  writeUpload,
  type Upload,
  type UploadName,
} from '../tables/uploads.js';
import { fulfilled, rejected, type ActionOutcome } from './outcome.js';

const readWhole = (rows: RowReader, name: UploadName, chunks: number): Buffer =>
  Buffer.concat(
    Array.from({ length: chunks }, (_, chunk) =>
      Buffer.from(readChunk(rows, name, chunk) ?? '', 'base64'),
    ),
  );

const install = async (
  { controller, rows }: BlockWork,
  name: UploadName,
  chunks: number,
): Promise<ActionOutcome> => {
  const bytes = readWhole(rows, name, chunks);
  deleteUpload(rows, name);
  // The texts of JSON and zip readers differ between versions of Node.js, so none is kept.
  const refuse = (): ActionOutcome => {
    const digest = createHash('sha256').update(bytes).digest('hex');
    return rejected(
      `the ${bytes.length} bytes (SHA-256 ${digest}) are no bundle with the ID ${name.bundleID}`,
    );
  };
  const text = bytes.toString('utf8');
  if (isDeeperThan(text, MAX_DEPTH)) return refuse();
  try {
    const bundle = JSON.parse(text) as Bundle;
    const bundleID = await controller.validateAndInstallBundle(bundle, name.bundleID);
    return fulfilled({ bundleID });
  } catch (error) {
    const isFault =
      error instanceof SyntaxError ||
      (error instanceof SwingsetError &&
        ['BAD_BUNDLE', 'BAD_IDENTIFIER', 'ALLEGED_BUNDLE'].includes(error.code));
    if (!isFault) throw error;
    return refuse();
  }
};

/** Keeps a chunk. The last one installs the bundle. */
export const takeChunk = async (
  work: BlockWork,
  sender: string,
  { bundleID, chunk, chunks, size, bytes }: InstallBundleAction,
  params: ChainParams,
): Promise<ActionOutcome> => {
  const { rows, height } = work;
  const name = { sender, bundleID };
  const known = readUpload(rows, name);
  if (!known && listUploads(rows).length >= params.maxUploads) {
    return rejected(`no more than ${params.maxUploads} bundles may be under way`);
  }
  if (known && (known.chunks !== chunks || known.size !== size)) {
    return rejected(
      `this upload has ${known.chunks} chunks and ${known.size} bytes, not ${chunks} and ${size}`,
    );
  }
  const before: Upload = known ?? {
    chunks,
    size,
    received: 0,
    receivedBytes: 0,
    expires: height + params.uploadBlocks,
  };
  const progress = ({ received }: Upload) => ({ received, chunks });
  const earlier = readChunk(rows, name, chunk);
  if (earlier === bytes) return fulfilled(progress(before));
  if (earlier !== undefined) return rejected(`chunk ${chunk} has arrived with other bytes`);
  const upload: Upload = {
    ...before,
    received: before.received + 1,
    receivedBytes: before.receivedBytes + Buffer.from(bytes, 'base64').length,
  };
  if (upload.receivedBytes > size) {
    deleteUpload(rows, name);
    return rejected(`the chunks have more than the ${size} bytes that were announced`);
  }
  writeChunk(rows, name, chunk, bytes);
  writeUpload(rows, name, upload);
  if (upload.received < chunks) return fulfilled(progress(upload));
  return install(work, name, chunks);
};

/** Deletes the uploads whose time is over. */
export const expireUploads = ({ rows, height, events }: BlockWork): void => {
  for (const { sender, bundleID, upload } of listUploads(rows)) {
    if (upload.expires > height) continue;
    deleteUpload(rows, { sender, bundleID });
    events.push({
      type: 'swingset_upload_expired',
      attributes: [
        ['sender', sender],
        ['bundle_id', bundleID],
      ],
    });
  }
};
