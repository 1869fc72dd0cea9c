/**
 * Checks a whole store against its own hashes, without changing it. What the kernel's tables mean is
 * not known here: whoever knows passes further checks, which see the same read-only view.
 */
import type { BundleRow } from './bundle-codec.js';
import { checkStoredBundle } from './bundle-store.js';
import { StoreDamagedError } from './errors.js';
import { bundleName, snapshotName, spanArtifactName } from './export-names.js';
import type { SpanRecord } from './export-names.js';
import { makeInventory } from './inventory.js';
import type { Inventory } from './inventory.js';
import { checkDirPath } from './options.js';
import { openReader, readPages } from './reader.js';
import type { OpenReader } from './reader.js';
import { unpackSnapshot } from './snapshot-codec.js';
import { makeSpanReader } from './span-reader.js';
import { EMPTY_SPAN_HASH } from './transcript-hash.js';

export type ProblemKind = 'file' | 'transcript' | 'snapshot' | 'bundle' | 'kernel';

export interface StoreProblem {
  readonly kind: ProblemKind;
  /** The damaged thing: an artifact name, a vatID, a key, or `swingstore.sqlite`. */
  readonly thing: string;
  readonly detail: string;
  /** From what it can be made again; undefined when only a copy or an export helps. */
  readonly remedy?: string;
}

/** The view that further checks get: the kvStore as of the last commit, and the records. */
export interface VerifyView {
  get(key: string): string | undefined;
  /** Keys and values of all keys with the prefix, in key order. */
  entries(prefix: string): IterableIterator<{ readonly key: string; readonly value: string }>;
  readonly inventory: Inventory;
}

/** A check by someone who knows more; yields what it finds. */
export type StoreCheck = (view: VerifyView) => Iterable<StoreProblem>;

export interface VerifyOptions {
  readonly checks?: readonly StoreCheck[];
  /** Called with each thing before it is checked. */
  readonly onProgress?: (thing: string) => void;
}

export interface VerifyReport {
  readonly ok: boolean;
  readonly problems: StoreProblem[];
  /** How many things were checked. */
  readonly checked: {
    readonly spans: number;
    readonly snapshots: number;
    readonly bundles: number;
  };
}

const makeView = (reader: OpenReader): VerifyView => {
  const sqlGet = reader.prepare<string>('SELECT value FROM kvStore WHERE key = ?', {
    pluck: true,
  });
  const sqlPage = reader.prepare<{ key: string; value: string }>(
    'SELECT key, value FROM kvStore WHERE key > ? ORDER BY key LIMIT 500',
  );
  function* entries(prefix: string): IterableIterator<{ key: string; value: string }> {
    const first = sqlGet.get(prefix);
    if (first !== undefined) {
      yield { key: prefix, value: first };
    }
    for (const row of readPages(sqlPage, [prefix], ({ key }) => [key])) {
      if (!row.key.startsWith(prefix)) {
        return;
      }
      yield row;
    }
  }
  return { get: key => sqlGet.get(key), entries, inventory: makeInventory(reader) };
};

/** Problems with how the spans of one vat lie beside each other. */
function* checkSequence(vatID: string, spans: readonly SpanRecord[]): Iterable<StoreProblem> {
  const problem = (detail: string): StoreProblem => ({
    kind: 'transcript',
    thing: `transcript of ${vatID}`,
    detail,
  });
  for (const [index, span] of spans.entries()) {
    const next = spans[index + 1];
    if (next === undefined) {
      break;
    }
    if (span.endPos !== next.startPos) {
      yield problem(`span ${span.startPos}-${span.endPos} is followed by ${next.startPos}`);
    }
    if (span.isCurrent === 1) {
      yield problem(`span ${span.startPos}-${span.endPos} is current but not the last`);
    }
    if (next.incarnation < span.incarnation) {
      yield problem(`incarnation ${next.incarnation} follows ${span.incarnation}`);
    }
  }
}

const errorDetail = (error: unknown): string =>
  error instanceof StoreDamagedError
    ? error.detail
    : error instanceof Error
      ? error.message
      : String(error);

function* checkFile(reader: OpenReader): Iterable<StoreProblem> {
  const lines = reader.prepare<string>('PRAGMA integrity_check', { pluck: true }).all();
  for (const detail of lines) {
    if (detail !== 'ok') {
      yield { kind: 'file', thing: 'swingstore.sqlite', detail };
    }
  }
}

function* checkTranscripts(
  reader: OpenReader,
  inventory: Inventory,
  onSpan: (name: string) => void,
): Iterable<StoreProblem> {
  const spanReader = makeSpanReader(reader);
  let sequence: SpanRecord[] = [];
  for (const span of inventory.spans()) {
    const name = spanArtifactName(span);
    onSpan(name);
    if (sequence[0] !== undefined && sequence[0].vatID !== span.vatID) {
      yield* checkSequence(sequence[0].vatID, sequence);
      sequence = [];
    }
    sequence.push(span);
    if (span.startPos === span.endPos && span.hash !== EMPTY_SPAN_HASH) {
      yield { kind: 'transcript', thing: name, detail: 'it is empty but its hash is not' };
    }
    const check = spanReader.check(span);
    if (check.kind === 'damaged') {
      yield { kind: 'transcript', thing: name, detail: check.detail };
    } else if (check.kind === 'pruned' && span.isCurrent === 1) {
      yield { kind: 'transcript', thing: name, detail: 'it is current but its items are gone' };
    }
  }
  if (sequence[0] !== undefined) {
    yield* checkSequence(sequence[0].vatID, sequence);
  }
  const strays = reader
    .prepare<{ vatID: string; position: number }>(
      `SELECT vatID, min(position) AS position FROM transcriptItems AS item WHERE NOT EXISTS (
         SELECT 1 FROM transcriptSpans AS span WHERE span.vatID = item.vatID
           AND startPos <= position AND position < endPos
       ) GROUP BY vatID`,
    )
    .all();
  for (const { vatID, position } of strays) {
    const detail = `its item ${position} belongs to no span`;
    yield { kind: 'transcript', thing: `transcript of ${vatID}`, detail };
  }
}

async function* checkSnapshots(
  reader: OpenReader,
  inventory: Inventory,
  onSnapshot: (name: string) => void,
): AsyncIterable<StoreProblem> {
  const sqlBytes = reader.prepare<Buffer>(
    'SELECT compressedSnapshot FROM snapshots WHERE vatID = ? AND snapPos = ?',
    { pluck: true },
  );
  const latest = reader.prepare<number>('SELECT max(snapPos) FROM snapshots WHERE vatID = ?', {
    pluck: true,
  });
  for (const { vatID, snapPos, hash, inUse, populated } of inventory.snapshots()) {
    const thing = snapshotName(vatID, snapPos);
    const remedy =
      inUse === 1 ? 'the vat can be replayed from the transcript of its incarnation' : undefined;
    const problem = (detail: string): StoreProblem => ({
      kind: 'snapshot',
      thing,
      detail,
      ...(remedy !== undefined && { remedy }),
    });
    onSnapshot(thing);
    if (!populated) {
      if (inUse === 1) {
        yield problem('it is in use but its bytes are gone');
      }
      continue;
    }
    if (inUse === 1 && latest.get(vatID) !== snapPos) {
      yield problem('it is in use but not the latest');
    }
    try {
      for await (const _ of unpackSnapshot(thing, sqlBytes.get(vatID, snapPos)!, hash)) {
        // Reading to the end is the check.
      }
    } catch (error) {
      yield problem(errorDetail(error));
    }
  }
}

function* checkBundles(
  reader: OpenReader,
  inventory: Inventory,
  onBundle: (name: string) => void,
): Iterable<StoreProblem> {
  const sqlBundle = reader.prepare<BundleRow | null>(
    'SELECT bundle FROM bundles WHERE bundleID = ?',
    { pluck: true },
  );
  for (const { bundleID } of inventory.bundles()) {
    const thing = bundleName(bundleID);
    const remedy = 'the same source bundle, added again';
    onBundle(thing);
    const row = sqlBundle.get(bundleID);
    if (row == null) {
      yield { kind: 'bundle', thing, detail: 'its contents are gone', remedy };
      continue;
    }
    try {
      checkStoredBundle(bundleID, row);
    } catch (error) {
      yield { kind: 'bundle', thing, detail: errorDetail(error), remedy };
    }
  }
}

/**
 * Checks everything in the store in `dirPath` as of its last commit; a writer may be at work.
 * Damage is reported, not thrown.
 * @throws NotASwingStoreError, StoreIOError when there is nothing to check
 */
export const verifyStore = async (
  dirPath: string,
  { checks = [], onProgress = () => undefined }: VerifyOptions = {},
): Promise<VerifyReport> => {
  const problems: StoreProblem[] = [];
  const checked = { spans: 0, snapshots: 0, bundles: 0 };
  const counting = (what: keyof typeof checked) => (name: string) => {
    checked[what] += 1;
    onProgress(name);
  };
  const fileProblem = (error: unknown): void => {
    if (!(error instanceof StoreDamagedError)) {
      throw error;
    }
    problems.push({ kind: 'file', thing: 'swingstore.sqlite', detail: error.detail });
  };
  /** Takes what a part finds; a page that can't be read ends that part only. */
  const run = async (part: () => Iterable<StoreProblem> | AsyncIterable<StoreProblem>) => {
    try {
      for await (const problem of part()) {
        problems.push(problem);
      }
    } catch (error) {
      fileProblem(error);
    }
  };
  let reader: OpenReader;
  try {
    reader = openReader(checkDirPath(dirPath));
  } catch (error) {
    fileProblem(error);
    return { ok: false, problems, checked };
  }
  try {
    const view = makeView(reader);
    onProgress('swingstore.sqlite');
    await run(() => checkFile(reader));
    await run(() => checkTranscripts(reader, view.inventory, counting('spans')));
    await run(() => checkSnapshots(reader, view.inventory, counting('snapshots')));
    await run(() => checkBundles(reader, view.inventory, counting('bundles')));
    for (const check of checks) {
      await run(() => check(view));
    }
  } finally {
    reader.close();
  }
  return { ok: problems.length === 0, problems, checked };
};
