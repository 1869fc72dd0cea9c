/**
 * The store that the inspector looks at, and the clock of the page: a number that rises when the
 * store has a new commit or the slog new entries.
 *
 * Invariants
 * 1. An answer is of one commit.
 * 2. A store that was put in the place of another is opened anew, and is what answers are of.
 * 3. What keeps the store from being read is news, too.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '../errors.js';
import { asKVStore, readKernelState } from '../host/committed-kernel.js';
import { NoConfigError } from '../host/solo-host.js';
import { readEpochLedger } from '../platform-epoch/ledger.js';
import { assertCurrentSchema, storedSchemaVersion } from '../state/schema-version.js';
import { insistStore } from '../store/directory.js';
import { openInspectionReader, type InspectionReader } from '../store/inspection-reader.js';
import { STORE_FILE } from '../store/schema.js';
import type { VatsView } from '../host/block-host/queries/vats.js';
import type { ActivityAnswer, BlockSample } from './answers.js';
import { heightIn } from './readers/overview.js';
import type { Tables } from './readers/krefs.js';

/** What an answer is made from. */
export interface StoreView {
  readonly reader: InspectionReader;
  readonly tables: Tables;
  readonly vatsView: VatsView;
}

const MAX_SAMPLES = 600;

export class LiveStore {
  readonly #home: string;

  #reader: InspectionReader;

  #inode: number | undefined;

  #dataVersion: number;

  #version = 1;

  /** Undefined until the first look at a store. */
  #crankNumber: number | undefined;

  #problem: string | null = null;

  #samples: BlockSample[] = [];

  #since: number;

  readonly #waiters = new Set<() => void>();

  readonly #now: () => number;

  /** @throws what `openInspectionReader` throws */
  constructor(home: string, now: () => number) {
    this.#home = home;
    this.#now = now;
    this.#since = now();
    this.#reader = openInspectionReader(home);
    this.#inode = this.#findInode();
    this.#dataVersion = this.#reader.dataVersion();
  }

  /** Later commits are compared with this one. @throws what `read` throws */
  begin(): void {
    this.#crankNumber = this.read(({ tables }) => tables.state.crankNumber);
  }

  get version(): number {
    return this.#version;
  }

  get crankNumber(): number {
    return this.#crankNumber ?? 0;
  }

  /** Why the store could not be read at the last look; null if it could. */
  get problem(): string | null {
    return this.#problem;
  }

  /**
   * @throws NoConfigError for a store without a swingset, SchemaVersionError for one of other
   *   software, NotASwingStoreError if it is gone, and the errors of a store that can't be read
   */
  read<T>(answer: (view: StoreView) => T): T {
    this.#findStore();
    const reader = this.#reader;
    const kv = asKVStore(reader);
    return reader.atOneCommit(() => {
      if (storedSchemaVersion(kv) === undefined) throw new NoConfigError(this.#home);
      // Later software may have changed the store meanwhile.
      assertCurrentSchema(kv);
      const state = readKernelState(kv);
      return answer({
        reader,
        tables: { kv, state },
        vatsView: {
          ledger: readEpochLedger({ kvStore: kv }),
          vatRecords: reader,
          readKernel: () => state,
        },
      });
    });
  }

  activity(): Pick<ActivityAnswer, 'since' | 'blocks'> {
    return { since: this.#since, blocks: [...this.#samples] };
  }

  /** Looks whether there is something new, which costs next to nothing if there is not. */
  look(): void {
    const before = this.#problem;
    let isNew = false;
    try {
      isNew = this.#takeCommit();
      this.#problem = null;
    } catch (error) {
      this.#problem = errorText(error);
    }
    if (isNew || this.#problem !== before) this.announce();
  }

  /** There is something new. */
  announce(): void {
    this.#version += 1;
    for (const wake of [...this.#waiters]) wake();
  }

  /** Resolves when the version is another than this one, or the signal is aborted. */
  waitForOther(version: number, signal: AbortSignal): Promise<void> {
    if (version !== this.#version || signal.aborted) return Promise.resolve();
    return new Promise(resolve => {
      const wake = (): void => {
        this.#waiters.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiters.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  close(): void {
    this.#reader.close();
  }

  /** @returns whether there was another commit. One that can't be read is tried again. */
  #takeCommit(): boolean {
    this.#findStore();
    const dataVersion = this.#reader.dataVersion();
    if (dataVersion === this.#dataVersion) return false;
    this.#sample();
    this.#dataVersion = dataVersion;
    return true;
  }

  #findStore(): void {
    const inode = this.#findInode();
    if (inode === undefined) insistStore(this.#home);
    else if (inode !== this.#inode) this.#reopen(inode);
  }

  #findInode(): number | undefined {
    return statSync(join(this.#home, STORE_FILE), { throwIfNoEntry: false })?.ino;
  }

  #reopen(inode: number): void {
    const reader = openInspectionReader(this.#home);
    this.#reader.close();
    this.#reader = reader;
    this.#inode = inode;
    this.#dataVersion = -1;
    // Its cranks are not those of the other.
    this.#crankNumber = undefined;
    this.#samples = [];
    this.#since = this.#now();
  }

  #sample(): void {
    const { crankNumber, height } = this.read(({ tables: { kv, state } }) => ({
      crankNumber: state.crankNumber,
      height: heightIn(kv),
    }));
    const before = this.#crankNumber;
    this.#crankNumber = crankNumber;
    if (before === undefined) return;
    // A store that was rolled back has fewer.
    const cranks = Math.max(0, crankNumber - before);
    this.#samples.push({ time: this.#now(), height, crankNumber, cranks });
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
  }
}
