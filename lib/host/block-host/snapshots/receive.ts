/**
 * Builds a store from the contents of a snapshot, in the staging directory of the store's place.
 *
 * Invariants
 * 1. The root that must match the trusted app hash is of what the new store holds, read back from
 *    it, not of what was sent.
 * 2. No artifact is taken before that, and each must match its record in the export data.
 */
import { BadOptionError, errorText } from '../../../errors.js';
import { BundleMismatchError, StoreImportError, StoreUsageError } from '../../../store/errors.js';
import { parseArtifactName } from '../../../store/export-names.js';
import { beginImport, type StoreImport } from '../../../store/import-steps.js';
import { CHAIN_PREFIX, type Rows } from '../rows.js';
import { appHashOf } from '../tree/app-hash.js';
import { rebuildStateTree, stateEntries } from '../tree/state-tree.js';
import { BadSnapshotError } from './errors.js';
import { decodeEntries, FrameReader, type FrameKind } from './frames.js';
import type { SnapshotManifest } from './manifest.js';

export type ReceiveEvent =
  /** The entries are what the app hash says. */
  | { readonly type: 'restore-verified' }
  | { readonly type: 'restore-artifact'; readonly name: string }
  /** The store is complete, and about to be committed in its staging directory. */
  | { readonly type: 'restore-stored' };

export interface ReceiveOptions {
  readonly staging: string;
  readonly manifest: SnapshotManifest;
  /** The one that the light client trusts. */
  readonly appHash: Uint8Array;
  /** Writes the node's own rows for the restored height, in the same commit. */
  readonly writeOwnRows: (rows: Rows) => void;
  readonly onEvent: (event: ReceiveEvent) => void;
}

const insistCount = (what: string, count: number, expected: number): void => {
  if (count !== expected) {
    throw new BadSnapshotError(`it has ${count} ${what}, but its manifest says ${expected}`);
  }
};

/** What the sender of a snapshot can cause. Other errors are this node's. */
const isOfContents = (error: unknown): error is Error =>
  error instanceof StoreImportError || error instanceof BundleMismatchError;

/** @throws BadSnapshotError if the activityhash in the export data is none */
const appHashOfStore = (store: StoreImport, root: Uint8Array): Buffer => {
  try {
    return Buffer.from(appHashOf(store.getActivityhash(), root));
  } catch (error) {
    if (!(error instanceof BadOptionError)) throw error;
    throw new BadSnapshotError(error.message, { cause: error });
  }
};

const asBadSnapshot = (error: unknown): unknown =>
  isOfContents(error) ? new BadSnapshotError(errorText(error), { cause: error }) : error;

async function* entriesOf(frames: FrameReader, kind: FrameKind, expected: number) {
  let count = 0;
  for (;;) {
    const payload = await frames.takeIf(kind);
    if (!payload) break;
    for (const entry of decodeEntries(payload)) {
      count += 1;
      yield entry;
    }
  }
  insistCount(kind === 'x' ? 'entries of export data' : 'rows of the chain', count, expected);
}

const receiveEntries = async (
  store: StoreImport,
  frames: FrameReader,
  { manifest, appHash }: ReceiveOptions,
): Promise<void> => {
  const rows = store.hostStorage.kvStore;
  await store.addData(entriesOf(frames, 'x', manifest.entries));
  for await (const [key, value] of entriesOf(frames, 'c', manifest.rows)) {
    if (!key.startsWith(CHAIN_PREFIX)) {
      throw new BadSnapshotError(`it has a row ${key}, which is not one of the chain`);
    }
    rows.set(key, value);
  }
  const tree = await rebuildStateTree(rows, stateEntries(store.exportData(), rows));
  const actual = appHashOfStore(store, tree.root());
  if (!actual.equals(appHash)) {
    const trusted = Buffer.from(appHash).toString('hex');
    throw new BadSnapshotError(
      `its state has app hash ${actual.toString('hex')}, but the one to trust is ${trusted}`,
    );
  }
};

const receiveArtifacts = async (
  store: StoreImport,
  frames: FrameReader,
  { manifest, onEvent }: ReceiveOptions,
): Promise<void> => {
  let count = 0;
  const nameOf = (payload: Buffer): string => {
    const name = payload.toString();
    try {
      parseArtifactName(name);
      return name;
    } catch (error) {
      if (!(error instanceof StoreUsageError)) throw error;
      throw new BadSnapshotError(error.message, { cause: error });
    }
  };
  await store.addArtifacts({
    async *getArtifactNames() {
      for (;;) {
        // If the store does not want an artifact, its bytes are still next.
        const payload = await frames.takeIf('a');
        if (!payload) return;
        const name = nameOf(payload);
        yield name;
        count += 1;
        onEvent({ type: 'restore-artifact', name });
      }
    },
    async *getArtifact() {
      for (;;) {
        const bytes = await frames.takeIf('d');
        if (!bytes) return;
        yield bytes;
      }
    },
  });
  insistCount('artifacts', count, manifest.artifacts);
};

/**
 * Builds the store and closes it.
 * @throws BadSnapshotError, StoreIOError
 */
export const receiveStore = async (
  chunks: AsyncIterable<Uint8Array>,
  options: ReceiveOptions,
): Promise<void> => {
  const { staging, writeOwnRows, onEvent } = options;
  const frames = new FrameReader(chunks);
  const store = beginImport(staging, {
    artifactMode: 'operational',
    // Safe: an incomplete store is discarded, and a complete one is synced before the move.
    unsafeFastMode: true,
  });
  try {
    await receiveEntries(store, frames, options);
    onEvent({ type: 'restore-verified' });
    await receiveArtifacts(store, frames, options);
    await frames.finish();
    writeOwnRows(store.hostStorage.kvStore);
    onEvent({ type: 'restore-stored' });
    await store.hostStorage.commit();
    await store.hostStorage.close();
  } catch (error) {
    await store.abandon();
    throw asBadSnapshot(error);
  }
};
