/** How single things are repaired. Each repair is its own commit, or is rolled back entirely. */
import { errorText, quoteValue } from '../errors.js';
import { encodeBundle } from './bundle-codec.js';
import type { StoreDatabase } from './database.js';
import { parseArtifactName, snapshotName } from './export-names.js';
import type { ArtifactRef, SnapshotRecord } from './export-names.js';
import { makeExportValue } from './export-value.js';
import { repairIndexes } from './index-repair.js';
import { openKVTable } from './kv-table.js';
import { makePopulate } from './populate.js';
import { IMAGES_TABLE } from './schema.js';
import { packingOf, unpackSnapshot } from './snapshot-codec.js';
import { findSnapshotSource, makeSourcePowers } from './snapshot-sources.js';
import type { SnapshotSource } from './snapshot-sources.js';
import type { StoreParts } from './swing-store.js';
import type { Bundle } from './types.js';
import { checkRows } from './verify-records.js';
import type { StoreProblem } from './verify-types.js';

export type ReplaySource = Extract<SnapshotSource, { kind: 'replay' }>;
type SnapshotRef = ArtifactRef & { kind: 'snapshot' };

export interface RepairSources {
  /**
   * Rebuilds a snapshot's bytes with a replay over the damaged store, which it only reads. The
   * result is checked against the recorded hash.
   */
  readonly replay?: (store: StoreParts, source: ReplaySource) => Promise<AsyncIterable<Uint8Array>>;
  /** Finds a bundle that the caller has, for example an installed one. */
  readonly findBundle?: (bundleID: string) => Promise<Bundle | undefined>;
  /** An export of this store or of a replica. Artifacts are copied from it, never records. */
  readonly artifacts?: { getArtifact(name: string): AsyncIterable<Uint8Array> };
}

export interface Outcome {
  readonly done: boolean;
  /** What was done, or why it was not possible. Empty if there is nothing to add. */
  readonly result: string;
}

export type RepairOne = (problem: StoreProblem) => Promise<Outcome>;

type Way = () => Promise<Outcome> | Outcome;

const done = (result: string): Outcome => ({ done: true, result });
const failed = (result: string): Outcome => ({ done: false, result });

/** Tries each way in turn until one works. A way that fails is rolled back. */
const makeAttempts =
  (db: StoreDatabase) =>
  async (...ways: readonly Way[]): Promise<Outcome> => {
    const reasons = new Set<string>();
    for (const way of ways) {
      let outcome: Outcome;
      try {
        db.exec('SAVEPOINT repair');
        outcome = await way();
        db.exec(outcome.done ? 'RELEASE repair' : 'ROLLBACK TO repair; RELEASE repair');
        db.commit();
      } catch (error) {
        outcome = failed(errorText(error));
        if (db.raw.inTransaction) {
          db.raw.exec('ROLLBACK TO repair; RELEASE repair');
        }
      }
      if (outcome.done) {
        return outcome;
      }
      reasons.add(outcome.result);
    }
    reasons.delete('');
    return failed([...reasons].join('; '));
  };

const makeSnapshotRepairs = (store: StoreParts, { replay }: RepairSources, copy: CopyArtifact) => {
  const { db } = store;
  const sqlRow = db.prepare<{ hash: string; compressedSnapshot: Buffer | null }>(
    'SELECT hash, compressedSnapshot FROM snapshots WHERE vatID = ? AND snapPos = ?',
  );
  const sqlSizes = db.prepare(
    'UPDATE snapshots SET uncompressedSize = ?, compressedSize = ? WHERE vatID = ? AND snapPos = ?',
  );
  const sqlDrop = db.prepare(
    `UPDATE snapshots SET compressedSnapshot = NULL
       WHERE vatID = ? AND snapPos = ? AND inUse IS NULL`,
  );
  const sqlRetire = db.prepare('UPDATE snapshots SET inUse = NULL WHERE vatID = ?');
  const sqlUse = db.prepare(
    `INSERT INTO snapshots (vatID, snapPos, hash, inUse) VALUES (?, ?, ?, 1)
       ON CONFLICT (vatID, snapPos) DO UPDATE SET hash = excluded.hash, inUse = 1`,
  );
  return {
    /** Restores the record first; the bytes are checked against it later. */
    setRecord: ({ vatID, snapPos, hash }: SnapshotRecord): Outcome => {
      sqlRetire.run(vatID);
      sqlUse.run(vatID, snapPos, hash);
      return done('its record was restored from the transcript');
    },
    measure: async ({ vatID, snapPos }: SnapshotRef): Promise<Outcome> => {
      const row = sqlRow.get(vatID, snapPos);
      if (row?.compressedSnapshot == null) {
        return failed('');
      }
      let size = 0;
      const name = snapshotName(vatID, snapPos);
      const { hash, compressedSnapshot: compressed } = row;
      // Null, because the recorded size itself is in doubt.
      for await (const chunk of unpackSnapshot(name, {
        compressed,
        hash,
        uncompressedSize: null,
      })) {
        size += chunk.byteLength;
      }
      sqlSizes.run(size, compressed.byteLength, vatID, snapPos);
      return done('its bytes are intact; its recorded sizes were corrected');
    },
    replay: async (ref: SnapshotRef): Promise<Outcome> => {
      const source = findSnapshotSource(makeSourcePowers(db), ref.vatID, ref.snapPos);
      if (source.kind === 'none') {
        return failed(`a replay can't rebuild it: ${source.reason}`);
      }
      if (replay === undefined) {
        return failed('a replay could rebuild it');
      }
      const bytes = await replay(store, source);
      await copy(snapshotName(ref.vatID, ref.snapPos), () => bytes);
      return done('rebuilt by a replay of its transcript');
    },
    /** Deletes the bytes of a snapshot that is not in use. Its hash stays. */
    drop: ({ vatID, snapPos }: SnapshotRef): Outcome =>
      sqlDrop.run(vatID, snapPos) > 0
        ? done('dropped: it was not in use')
        : failed("it is in use, so it can't be dropped"),
  };
};

type CopyArtifact = (name: string, open: () => AsyncIterable<Uint8Array>) => Promise<unknown>;

const makeArtifactRepairs = (store: StoreParts, sources: RepairSources) => {
  const { db } = store;
  const populate = makePopulate(db, {
    packing: packingOf(),
    wantsSpan: () => true,
    wantsSnapshot: () => true,
  });
  const { artifacts, findBundle } = sources;
  const firstOf = makeAttempts(db);
  const snapshots = makeSnapshotRepairs(store, sources, populate);

  const takeOver = async (name: string, ref: ArtifactRef): Promise<Outcome> => {
    if (artifacts === undefined) {
      return failed(
        'the same artifact of an export, a copy or a replica (--from) could replace it',
      );
    }
    if (ref.kind === 'transcript') {
      db.prepare(
        'DELETE FROM transcriptItems WHERE vatID = ? AND position >= ? AND position < ?',
      ).run(ref.vatID, ref.startPos, ref.endPos);
    }
    await populate(name, () => artifacts.getArtifact(name));
    return done('copied from the other store or export');
  };

  const addBundle = async (bundleID: string): Promise<Outcome> => {
    const bundle = await findBundle?.(bundleID);
    if (bundle === undefined) {
      return failed('none of the installed bundles has this ID');
    }
    const row = encodeBundle(bundleID, bundle);
    db.prepare('UPDATE bundles SET bundle = ? WHERE bundleID = ?').run(row, bundleID);
    return done('replaced by the installed bundle');
  };

  return async (name: string, record?: SnapshotRecord): Promise<Outcome> => {
    const ref = parseArtifactName(name);
    const recorded = record && (await firstOf(() => snapshots.setRecord(record)));
    if (recorded?.done === false) {
      return recorded;
    }
    const copy = () => takeOver(name, ref);
    switch (ref.kind) {
      case 'transcript':
        return firstOf(copy);
      case 'snapshot':
        return firstOf(
          () => snapshots.measure(ref),
          ...(artifacts ? [copy] : []),
          () => snapshots.replay(ref),
          () => snapshots.drop(ref),
          ...(artifacts ? [] : [copy]),
        );
      case 'bundle':
        return firstOf(() => addBundle(ref.bundleID), copy);
      default:
        return ref satisfies never;
    }
  };
};

/** Repairs one thing at a time, in a store that is open for writing. */
export const makeRepairOne = (
  store: StoreParts,
  sources: RepairSources,
  countProblems: () => Promise<number>,
): RepairOne => {
  const { db } = store;
  const firstOf = makeAttempts(db);
  const kvTable = openKVTable(db);
  const repairArtifact = makeArtifactRepairs(store, sources);
  const beyondRepair = failed('only a copy or an export of the whole store can replace it');

  const dropImage = (thing: string): Outcome => {
    const imageID = thing.slice(thing.indexOf('.') + 1);
    db.prepare(`DELETE FROM ${IMAGES_TABLE} WHERE imageID = ?`).run(imageID);
    return done('removed; it is rebuilt at its next use');
  };
  const correct = (key: string, value: string | null): Outcome => {
    kvTable.set(key, value ?? undefined);
    return done(value === null ? `${key} removed` : `${key} set to ${quoteValue(value)}`);
  };

  const setPending = (key: string): Outcome => {
    const value = makeExportValue(db)(key) ?? null;
    db.prepare('UPDATE pendingExports SET value = ? WHERE key = ?').run(value, key);
    return done("set to the store's present value");
  };

  const recount = (): Outcome =>
    [...checkRows(db)].length === 0
      ? done('with the other repairs, the rows are those that were written')
      : failed(
          'nothing tells which row is damaged: only a copy or an export of the whole store can replace it',
        );

  return async ({ kind, thing, remedy, correction, record }) => {
    switch (kind) {
      case 'file':
        return remedy === undefined
          ? beyondRepair
          : firstOf(() => repairIndexes(db, countProblems));
      case 'transcript':
      case 'snapshot':
      case 'bundle':
        return remedy === undefined ? beyondRepair : repairArtifact(thing, record);
      case 'image':
        return firstOf(() => dropImage(thing));
      case 'pending':
        return remedy === undefined ? beyondRepair : firstOf(() => setPending(thing));
      case 'rows':
        return recount();
      case 'kernel':
        return correction ? firstOf(() => correct(correction.key, correction.value)) : beyondRepair;
      default:
        return kind satisfies never;
    }
  };
};
