/**
 * The SQLite tables of a swingstore. They are identical to those of `@agoric/swing-store` 0.10, so
 * that either package opens the other's files. Two tables are our own (`platformImages`,
 * `rowChecksum`); swing-store ignores them.
 * | table | a row is | numbers |
 * | --- | --- | --- |
 * | pendingExports | a change of export data that the host has not been told of | |
 * | kvStore | a key and its value | |
 * | transcriptItems | one delivery of one vat | position: counted from 0 over the vat's life |
 * | transcriptSpans | a stretch of items | startPos inclusive, endPos exclusive |
 * | snapshots | a heap snapshot, compressed; only its hash once pruned | sizes in bytes |
 * | bundles | a bundle: zip bytes (b1-) or JSON text (b0-) | |
 * | platformImages | a platform image, gzipped | |
 * | rowChecksum | the checksum of the other tables' rows (`row-checksum.ts`); one row | |
 */

export const STORE_FILE = 'swingstore.sqlite';
export const LOCK_FILE = 'swingstore.lock';

/** Records of processes that the writer started (`process-records.ts`). */
export const PROCESSES_DIR = 'swingstore.processes';

/** Where a store is assembled before it is moved into place (`staging.ts`). */
export const STAGING_DIR = 'swingstore.partial';

/** Suffixes of the files that SQLite keeps for one database, the main file first. */
export const STORE_FILE_SUFFIXES: readonly string[] = ['', '-wal', '-shm', '-journal'];

/** Every file that SQLite may keep for a swingstore in its directory, the main file first. */
export const STORE_FILES: readonly string[] = STORE_FILE_SUFFIXES.map(
  suffix => `${STORE_FILE}${suffix}`,
);

export const IMAGES_TABLE = 'platformImages';

export const CHECKSUM_TABLE = 'rowChecksum';

export const STORE_TABLES: readonly string[] = [
  'pendingExports',
  'kvStore',
  'transcriptItems',
  'transcriptSpans',
  'snapshots',
  'bundles',
];

export const SCHEMA_SQL = `
  CREATE TABLE IF NOT EXISTS pendingExports (
      key TEXT,
      value TEXT,
      PRIMARY KEY (key)
    );
  CREATE TABLE IF NOT EXISTS kvStore (
      key TEXT,
      value TEXT,
      PRIMARY KEY (key)
    );
  CREATE TABLE IF NOT EXISTS transcriptItems (
      vatID TEXT,
      position INTEGER,
      item TEXT,
      incarnation INTEGER,
      PRIMARY KEY (vatID, position)
    );
  CREATE TABLE IF NOT EXISTS transcriptSpans (
      vatID TEXT,
      startPos INTEGER, -- inclusive
      endPos INTEGER, -- exclusive
      hash TEXT, -- cumulative hash of this item and previous cumulative hash
      isCurrent INTEGER CHECK (isCurrent = 1),
      incarnation INTEGER,
      PRIMARY KEY (vatID, startPos),
      UNIQUE (vatID, isCurrent)
    );
  CREATE INDEX IF NOT EXISTS currentTranscriptIndex
    ON transcriptSpans (vatID, isCurrent)
  ;
  CREATE TABLE IF NOT EXISTS snapshots (
      vatID TEXT,
      snapPos INTEGER,
      inUse INTEGER CHECK(inUse = 1),
      hash TEXT,
      uncompressedSize INTEGER,
      compressedSize INTEGER,
      compressedSnapshot BLOB,
      PRIMARY KEY (vatID, snapPos),
      UNIQUE (vatID, inUse)
    );
  CREATE TABLE IF NOT EXISTS bundles (
      bundleID TEXT,
      bundle BLOB,
      PRIMARY KEY (bundleID)
    );
`;

export const IMAGES_SQL = `
  CREATE TABLE IF NOT EXISTS ${IMAGES_TABLE} (
      imageID TEXT PRIMARY KEY,
      bytes BLOB
    );
`;

export const CHECKSUM_SQL = `
  CREATE TABLE IF NOT EXISTS ${CHECKSUM_TABLE} (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      sum TEXT,
      activityhash TEXT
    );
`;
