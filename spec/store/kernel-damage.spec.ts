/** A kernel's store with flipped bytes in each table, cut off, and on a full disk. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { kernelChecks } from '../../lib/cli/store-checks.js';
import { runStoreCommand } from '../../lib/cli/store-commands.js';
import type { StoreIO } from '../../lib/cli/store-commands.js';
import { StoreDamagedError, StoreIOError } from '../../lib/store/errors.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import type { SwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import { useTempDirs } from './support/dirs.js';
import { flipIn, storeFile } from './support/flip.js';
import { bootEconomy, heightOf, initializeEconomy, runBlock } from './support/kernel-host.js';
import { failureOf } from '../support/failure.js';

const BLOCKS = 2;

const runBlocks = async (store: SwingStore, worker: 'xsnap' | 'local', upTo: number) => {
  const controller = await bootEconomy(store, worker);
  try {
    for (let height = heightOf(store) + 1; height <= upTo; height += 1) {
      await runBlock(store, controller, height);
      await store.hostStorage.commit();
    }
  } finally {
    await controller.shutdown();
  }
};

describe('a kernel’s store', () => {
  const tempDir = useTempDirs();
  let good: string;
  let hashAfterNextBlock: string;

  const copyOf = (dirPath: string): string => {
    const copy = tempDir('copy');
    cpSync(dirPath, copy, { recursive: true });
    return copy;
  };
  const rowsOf = (dirPath: string): unknown[] => {
    const db = new Database(storeFile(dirPath), { readonly: true });
    const tables = ['kvStore', 'transcriptItems', 'transcriptSpans', 'snapshots', 'bundles'];
    const rows = tables.map(table => db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all());
    db.close();
    return rows;
  };
  const values = <T>(sql: string): T[] => {
    const db = new Database(storeFile(good), { readonly: true });
    const found = db.prepare(sql).pluck().all() as T[];
    db.close();
    return found;
  };
  const value = <T>(sql: string): T => values<T>(sql)[0]!;
  const storeCommand = async (command: 'store verify' | 'store repair', home: string) => {
    const printed: string[] = [];
    let ok = true;
    const io: StoreIO = {
      print: text => void printed.push(text),
      fail: () => (ok = false),
      progress: { update: () => undefined, end: () => undefined },
      interruption: () => new AbortController().signal,
    };
    const common = { home, json: false };
    if (command === 'store verify') await runStoreCommand({ command, ...common }, io);
    else await runStoreCommand({ command, ...common, from: undefined }, io);
    return { ok, text: printed.join('\n') };
  };

  before(async () => {
    good = tempDir('good');
    const store = initSwingStore(good);
    await initializeEconomy(store, 'xsnap');
    await runBlocks(store, 'xsnap', BLOCKS);
    await store.hostStorage.close();
    const next = openSwingStore(copyOf(good));
    await runBlocks(next, 'xsnap', BLOCKS + 1);
    hashAfterNextBlock = next.kernelStorage.getActivityhash();
    await next.hostStorage.close();
  });

  it('is found good as it is', async () => {
    const { problems, checked } = await verifyStore(good, { checks: kernelChecks });
    expect(problems).to.deep.equal([]);
    expect(checked.snapshots).to.be.at.least(4);
  });

  /** 40 bytes from the midst of a blob. */
  const piece = (blob: Buffer): Buffer => {
    const start = Math.floor(blob.length / 2);
    return blob.subarray(start, start + 40);
  };
  /** 40 bytes that the file holds once: bundles share modules. */
  const ownPiece = (dirPath: string, blob: Buffer): Buffer => {
    const file = readFileSync(storeFile(dirPath));
    for (let start = 0; start < blob.length; start += 40) {
      const found = blob.subarray(start, start + 40);
      const first = file.indexOf(found);
      if (first >= 0 && file.indexOf(found, first + 1) < 0) return found;
    }
    throw Error('each piece is in other bundles too');
  };
  const current = `FROM transcriptSpans WHERE isCurrent = 1 AND vatID =
    (SELECT vatID FROM snapshots WHERE inUse = 1 ORDER BY vatID LIMIT 1)`;

  type Damage = readonly [
    table: string,
    spoil: (dirPath: string) => number,
    found: RegExp,
    repaired: boolean,
  ];
  const damages: readonly Damage[] = [
    [
      'kvStore',
      dirPath => {
        // The file also holds what SQLite has moved elsewhere.
        const file = readFileSync(storeFile(dirPath));
        const isOnce = (text: string) => file.indexOf(text) === file.lastIndexOf(text);
        const key = values<string>(
          `SELECT key FROM kvStore WHERE key GLOB 'ko*.refCount' AND value = '1,1'`,
        ).find(name => isOnce(`${name}1,1`))!;
        return flipIn(dirPath, `${key}1,1`, { at: key.length });
      },
      /^kernel: ko\d+\.refCount\n.*counted 1,1\n.*other tables: ko\d+\.refCount should be "1,1"$/m,
      true,
    ],
    [
      'transcriptItems',
      dirPath =>
        flipIn(
          dirPath,
          value<string>(`SELECT item FROM transcriptItems
        WHERE (vatID, position) IN (SELECT vatID, endPos - 1 ${current})`),
          { at: 3 },
        ),
      /^transcript: transcript\.v\d+\.\d+\.\d+\n.*items have hash.*\n.*artifact of an export/m,
      false,
    ],
    [
      'transcriptSpans',
      dirPath => flipIn(dirPath, value<string>(`SELECT hash ${current}`), { at: 5, nth: 0 }),
      /^transcript: transcript\.v\d+\.\d+\.\d+\n.*items have hash/m,
      false,
    ],
    [
      'snapshots',
      dirPath =>
        flipIn(
          dirPath,
          piece(
            value<Buffer>(
              `SELECT compressedSnapshot FROM snapshots WHERE inUse = 1 ORDER BY vatID LIMIT 1`,
            ),
          ),
        ),
      /^snapshot: snapshot\.v\d+\.\d+\n.*\n.*a replay of transcript\.v\d+\.0\.\d+/m,
      true,
    ],
    [
      'bundles',
      dirPath =>
        flipIn(
          dirPath,
          ownPiece(
            dirPath,
            value<Buffer>(
              `SELECT CAST(bundle AS BLOB) FROM bundles WHERE bundleID GLOB 'b0-*' LIMIT 1`,
            ),
          ),
        ),
      /^bundle: bundle\.b0-[0-9a-f]+\n.*SHA-256/m,
      true,
    ],
    [
      'platformImages',
      dirPath => flipIn(dirPath, piece(value<Buffer>(`SELECT bytes FROM platformImages LIMIT 1`))),
      /^image: platformImage\.[0-9a-f]+\n.*\n.*at its next use/m,
      true,
    ],
  ];
  for (const [table, spoil, found, repaired] of damages) {
    it(`names a flipped byte in ${table}${repaired ? ', and repairs it' : ''}`, async () => {
      const dirPath = copyOf(good);
      expect(spoil(dirPath)).to.equal(1);
      const verified = await storeCommand('store verify', dirPath);
      expect(verified.ok).to.equal(false);
      expect(verified.text).to.match(found);
      const repair = await storeCommand('store repair', dirPath);
      expect(repair.ok, repair.text).to.equal(repaired);
      if (repaired) {
        expect(rowsOf(dirPath)).to.deep.equal(rowsOf(good));
      } else {
        expect(repair.text).to.contain('not repaired: transcript.');
        // Nothing goes wrong silently: the vat can't be brought online.
        const store = openSwingStore(dirPath);
        const error = await failureOf(bootEconomy(store, 'xsnap'));
        expect(error).to.be.instanceOf(StoreDamagedError);
        await store.hostStorage.close();
      }
    });
  }

  it('goes on after a repair as if nothing had happened', async () => {
    const dirPath = copyOf(good);
    const db = new Database(storeFile(dirPath));
    db.exec(`UPDATE snapshots SET compressedSnapshot = NULL; DELETE FROM platformImages`);
    db.close();
    const repair = await storeCommand('store repair', dirPath);
    expect(repair.ok, repair.text).to.equal(true);
    const store = openSwingStore(dirPath);
    await runBlocks(store, 'xsnap', BLOCKS + 1);
    expect(store.kernelStorage.getActivityhash()).to.equal(hashAfterNextBlock);
    await store.hostStorage.close();
  });

  for (const part of [0.98, 0.5, 0.01]) {
    it(`cut off at ${part * 100} % is refused with a typed error`, async () => {
      const dirPath = copyOf(good);
      truncateSync(storeFile(dirPath), Math.floor(statSync(storeFile(dirPath)).size * part));
      const verified = await verifyStore(dirPath, { checks: kernelChecks });
      expect(verified.ok).to.equal(false);
      expect(verified.problems.map(({ kind }) => kind)).to.include('file');
      const error = await failureOf(
        (async () => {
          const store = openSwingStore(dirPath);
          try {
            await runBlocks(store, 'xsnap', BLOCKS + 1);
          } finally {
            await store.hostStorage.close();
          }
        })(),
      );
      expect(error).to.be.instanceOf(StoreDamagedError);
    });
  }

  it('on a full disk keeps its last commit, and goes on when there is room', async function () {
    const mountPoint = tempDir('small');
    mkdirSync(mountPoint, { recursive: true });
    const size = `${Math.ceil(statSync(storeFile(good)).size / 2 ** 20) + 3}m`;
    const mount = (...options: string[]) => spawnSync('mount', [...options, mountPoint]).status;
    if (mount('-t', 'tmpfs', '-o', `size=${size}`, 'none') !== 0) {
      // Only root can mount a small file system.
      this.skip();
    }
    try {
      const dirPath = join(mountPoint, 'store');
      cpSync(good, dirPath, { recursive: true });
      let store = openSwingStore(dirPath);
      const error = await failureOf(runBlocks(store, 'xsnap', 100));
      await store.hostStorage.close();
      expect(rootCause(error)).to.be.instanceOf(StoreIOError);
      expect(rootCause(error)).to.include({ code: 'STORE_IO', systemCode: 'SQLITE_FULL' });
      const { problems } = await verifyStore(dirPath, { checks: kernelChecks });
      expect(problems).to.deep.equal([]);

      expect(mount('-o', 'remount,size=200m')).to.equal(0);
      store = openSwingStore(dirPath);
      const height = heightOf(store);
      expect(height).to.be.at.least(BLOCKS);
      if (height === BLOCKS) {
        await runBlocks(store, 'xsnap', BLOCKS + 1);
        expect(store.kernelStorage.getActivityhash()).to.equal(hashAfterNextBlock);
      } else {
        await runBlocks(store, 'xsnap', height + 1);
      }
      await store.hostStorage.close();
      expect((await verifyStore(dirPath, { checks: kernelChecks })).problems).to.deep.equal([]);
    } finally {
      spawnSync('umount', [mountPoint]);
    }
  });
});

/** What a kernel's panic was about. */
const rootCause = (error: unknown): unknown =>
  error instanceof Error && error.cause !== undefined && !(error instanceof StoreIOError)
    ? rootCause(error.cause)
    : error;
