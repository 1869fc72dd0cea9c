/**
 * Checks a whole store against its own hashes and changes nothing. This folder does not know what
 * the kernel's keys mean; callers that do pass further checks, which get the same read-only view.
 */
import { StoreDamagedError } from './errors.js';
import { makeInventory } from './inventory.js';
import { checkDirPath } from './options.js';
import { insistNextKey, insistTextKey, insistTextRow, insistTextValue } from './kv-text.js';
import { openReader, readPages } from './reader.js';
import type { OpenReader, StoreReader } from './reader.js';
import { STORE_FILE } from './schema.js';
import { makeSpanReader } from './span-reader.js';
import {
  checkBundles,
  checkFile,
  checkImages,
  checkPending,
  checkRows,
  checkSnapshots,
  checkTranscripts,
} from './verify-records.js';
import type { StoreCheck, StoreProblem, VerifyView } from './verify-types.js';

export interface VerifyOptions {
  readonly checks?: readonly StoreCheck[];
  /** Receives the name of each thing before it is checked. */
  readonly onProgress?: (thing: string) => void;
  /** Aborts the verification with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface VerifyReport {
  readonly ok: boolean;
  readonly problems: StoreProblem[];
  /** Findings that are not damage. */
  readonly notes: StoreProblem[];
  /** Number of things checked. */
  readonly checked: {
    readonly spans: number;
    readonly snapshots: number;
    readonly bundles: number;
    readonly images: number;
  };
}

/** Converts damage to a problem. @throws any other error */
const fileProblem = (error: unknown): StoreProblem => {
  if (error instanceof StoreDamagedError) {
    return { kind: 'file', thing: STORE_FILE, detail: error.detail };
  }
  throw error;
};

const makeView = (reader: StoreReader): VerifyView => {
  const sqlGet = reader.prepare<string>('SELECT value FROM kvStore WHERE key = ?', {
    pluck: true,
  });
  const sqlPage = reader.prepare<{ key: string; value: string }>(
    'SELECT key, value FROM kvStore WHERE key > ? ORDER BY key LIMIT 500',
  );
  const get = (key: string) => insistTextValue(key, sqlGet.get(key));
  function* entries(prefix: string): IterableIterator<{ key: string; value: string }> {
    const first = get(prefix);
    if (first !== undefined) {
      yield { key: prefix, value: first };
    }
    for (const row of readPages(sqlPage, [prefix], ({ key }) => [key])) {
      if (insistTextKey(row.key)?.startsWith(prefix) !== true) {
        return;
      }
      yield insistTextRow(row);
    }
  }
  const spanReader = makeSpanReader(reader);
  const sqlNext = reader.prepare<string>(
    'SELECT key FROM kvStore WHERE key > ? ORDER BY key LIMIT 1',
    { pluck: true },
  );
  return {
    has: key => sqlGet.get(key) !== undefined,
    get,
    getNextKey: key => insistNextKey(key, sqlNext.get(key)),
    entries,
    readItems: span => spanReader.readItems(span),
    inventory: makeInventory(reader),
  };
};

/** Like `verifyStore`, for a store that is open. Includes uncommitted changes. */
export const verifyReader = async (
  reader: StoreReader,
  { checks = [], onProgress = () => undefined, signal }: VerifyOptions = {},
): Promise<VerifyReport> => {
  const problems: StoreProblem[] = [];
  const notes: StoreProblem[] = [];
  const checked = { spans: 0, snapshots: 0, bundles: 0, images: 0 };
  const counting = (what: keyof typeof checked) => (name: string) => {
    signal?.throwIfAborted();
    checked[what] += 1;
    onProgress(name);
  };
  /** Collects what a part finds. An unreadable page ends that part only. */
  const run = async (part: () => Iterable<StoreProblem> | AsyncIterable<StoreProblem>) => {
    try {
      for await (const problem of part()) {
        (problem.note === undefined ? problems : notes).push(problem);
      }
    } catch (error) {
      problems.push(fileProblem(error));
    }
  };
  let view: VerifyView | undefined;
  await run(() => {
    onProgress(STORE_FILE);
    view = makeView(reader);
    return checkFile(reader);
  });
  if (view !== undefined) {
    const found = view;
    await run(() => checkTranscripts(reader, found.inventory, counting('spans')));
    await run(() => checkSnapshots(reader, found.inventory, counting('snapshots')));
    await run(() => checkBundles(reader, found.inventory, counting('bundles')));
    await run(() => checkImages(reader, counting('images')));
    await run(() => checkPending(reader));
    for (const check of checks) {
      await run(() => check(found));
    }
    await run(() => checkRows(reader));
  }
  return { ok: problems.length === 0, problems, notes, checked };
};

/**
 * Checks everything in the store in `dirPath` as of its last commit, while a writer may be working.
 * Damage is reported, not thrown.
 * @throws NotASwingStoreError, StoreIOError if there is nothing to check
 */
export const verifyStore = async (
  dirPath: string,
  options: VerifyOptions = {},
): Promise<VerifyReport> => {
  let reader: OpenReader;
  try {
    reader = openReader(checkDirPath(dirPath));
  } catch (error) {
    const checked = { spans: 0, snapshots: 0, bundles: 0, images: 0 };
    return { ok: false, problems: [fileProblem(error)], notes: [], checked };
  }
  try {
    return await verifyReader(reader, options);
  } finally {
    reader.close();
  }
};
