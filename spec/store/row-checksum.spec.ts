/** Issue 18: values for which nothing else vouches have a checksum. */
import Database from 'better-sqlite3';
import { expect } from 'chai';
import {
  initSwingStore as initOriginal,
  openSwingStore as openOriginal,
} from '@agoric/swing-store';
import { StoreDamagedError } from '../../lib/store/errors.js';
import { repairStore } from '../../lib/store/repair.js';
import { RowSum } from '../../lib/store/row-hash.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import type { SwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import { failureOf } from '../support/failure.js';
import { useTempDirs } from './support/dirs.js';
import { storeFile } from './support/flip.js';
import { makeScriptedStore } from './support/made-stores.js';
import { runCrankScript, runVatScript } from './support/script.js';

describe('the checksum of rows', () => {
  const tempDir = useTempDirs();

  const makeStore = (): Promise<string> => makeScriptedStore(tempDir(), { more: runCrankScript });
  /** By a connection that tells nobody. */
  const change = (dirPath: string, sql: string): void => {
    const db = new Database(storeFile(dirPath));
    db.exec(sql);
    db.close();
  };
  const problemsOf = async (dirPath: string): Promise<string[]> =>
    (await verifyStore(dirPath)).problems.map(({ kind, thing }) => `${kind} ${thing}`);
  const checksumOf = (dirPath: string): unknown => {
    const db = new Database(storeFile(dirPath), { readonly: true });
    const row: unknown = db.prepare('SELECT * FROM rowChecksum').get();
    db.close();
    return row;
  };

  for (const sql of [
    `UPDATE kvStore SET value = '2' WHERE key = 'a'`,
    `UPDATE kvStore SET value = 'значениф' WHERE key = 'ключ 🗝'`,
    `UPDATE kvStore SET value = '8' WHERE key = 'host.height'`,
    `UPDATE kvStore SET value = CAST(value AS BLOB) WHERE key = 'a'`,
    `UPDATE kvStore SET value = NULL WHERE key = 'a'`,
    `DELETE FROM kvStore WHERE key = 'a'`,
    `INSERT INTO kvStore VALUES ('b', '')`,
    `UPDATE kvStore SET key = 'b' WHERE key = 'a'`,
    `UPDATE transcriptSpans SET incarnation = 2 WHERE vatID = 'v1' AND startPos = 4`,
    // The ID says nothing of a space.
    `UPDATE bundles SET bundle = CAST(bundle || ' ' AS BLOB)`,
    `INSERT INTO snapshots (vatID, snapPos, hash) VALUES ('v1', 1, 'ab')`,
  ]) {
    it(`tells of ${sql}`, async () => {
      const dirPath = await makeStore();
      expect(await problemsOf(dirPath)).to.deep.equal([]);
      change(dirPath, sql);
      expect(await problemsOf(dirPath)).to.include('rows rows');
      const { ok, repairs } = await repairStore(dirPath);
      expect(ok).to.equal(false);
      expect(repairs.at(-1)).to.include({ thing: 'rows', done: false });
    });
  }

  it('does not count what belongs to this machine', async () => {
    const dirPath = await makeStore();
    change(dirPath, `UPDATE kvStore SET value = 'x' WHERE key GLOB 'local.*'`);
    expect(await problemsOf(dirPath)).to.deep.equal([]);
  });

  it('is that of the rows, whatever their history', async () => {
    const dirPath = await makeStore();
    const before = checksumOf(dirPath);
    const store = openSwingStore(dirPath);
    const { kvStore } = store.kernelStorage;
    kvStore.set('a', '2');
    kvStore.set('new', '1');
    await store.hostStorage.commit();
    const between = checksumOf(dirPath);
    expect(between).not.to.deep.equal(before);
    kvStore.delete('new');
    kvStore.set('a', '1');
    await store.hostStorage.commit();
    await store.hostStorage.close();
    expect(checksumOf(dirPath)).to.deep.equal(before);
    expect(await problemsOf(dirPath)).to.deep.equal([]);
  });

  it('forgets what a crank undid, also what was in the table already', async () => {
    const dirPath = await makeStore();
    const store = openSwingStore(dirPath);
    const { kernelStorage, hostStorage } = store;
    const { kvStore, transcriptStore } = kernelStorage;
    kernelStorage.startCrank();
    kvStore.set('kept', '1');
    kernelStorage.establishCrankSavepoint('one');
    kvStore.set('undone', '1');
    transcriptStore.addItem('v2', '"undone"');
    // Reading keys brings all writes to the table.
    kvStore.getNextKey('undone');
    kernelStorage.establishCrankSavepoint('two');
    kvStore.set('a', 'undone');
    kvStore.getNextKey('a');
    kernelStorage.rollbackCrank('two');
    kvStore.getNextKey('a');
    kernelStorage.rollbackCrank('one');
    transcriptStore.rolloverSpan('v2');
    kernelStorage.emitCrankHashes();
    kernelStorage.endCrank();
    await hostStorage.commit();
    await hostStorage.close();
    expect(await problemsOf(dirPath)).to.deep.equal([]);
  });

  it('follows ranges that are deleted, of short and long values', async () => {
    const dirPath = await makeStore();
    const before = checksumOf(dirPath);
    const { kernelStorage, hostStorage } = openSwingStore(dirPath);
    const { kvStore } = kernelStorage;
    const keys = Array.from(
      { length: 20 },
      (_, index) => `v9.vs.${String(index).padStart(2, '0')}`,
    );
    for (const [index, key] of keys.entries()) kvStore.set(key, 'x'.repeat(index * 10_000));
    await hostStorage.commit();
    expect(checksumOf(dirPath)).not.to.deep.equal(before);
    // As a scan does whose rows go.
    expect(kvStore.getNextKeys('v9.', 20)).to.deep.equal(keys);
    for (const key of keys) kvStore.delete(key);
    await hostStorage.commit();
    await hostStorage.close();
    expect(checksumOf(dirPath)).to.deep.equal(before);
    expect(await problemsOf(dirPath)).to.deep.equal([]);
  });

  it('is not written by a commit without changes', async () => {
    const dirPath = await makeStore();
    const { hostStorage, debug } = openSwingStore(dirPath);
    await hostStorage.commit();
    expect(debug.getDatabase().prepare('SELECT total_changes()').pluck().get()).to.equal(0);
    await hostStorage.close();
  });

  it('is renewed after a repair of what was written so', async () => {
    const dirPath = await makeScriptedStore(tempDir(), {
      more: ({ kernelStorage }) => kernelStorage.kvStore.set('count', '7'),
    });
    const correction = { key: 'count', value: '8' };
    const { ok } = await repairStore(dirPath, {
      checks: [
        function* check(view) {
          if (view.get('count') === '8') return;
          yield { kind: 'kernel', thing: 'count', detail: 'it is 7', correction };
        },
      ],
    });
    expect(ok).to.equal(true);
    expect(await problemsOf(dirPath)).to.deep.equal([]);
  });

  describe('of a store that swing-store wrote', () => {
    type Original = Pick<SwingStore, 'hostStorage' | 'kernelStorage'>;

    /** Nothing is wrong before or after a commit here; then a change by nobody shows. */
    const expectFollowed = async (dirPath: string, key: string): Promise<void> => {
      expect(await problemsOf(dirPath)).to.deep.equal([]);
      const { kernelStorage, hostStorage } = openSwingStore(dirPath);
      kernelStorage.kvStore.set(key, '2');
      await hostStorage.commit();
      await hostStorage.close();
      expect(await problemsOf(dirPath)).to.deep.equal([]);
      change(dirPath, `UPDATE kvStore SET value = '3' WHERE key = 'a'`);
      expect(await problemsOf(dirPath)).to.deep.equal(['rows rows']);
    };

    it('is made at the first commit here', async () => {
      const dirPath = tempDir();
      const original = (initOriginal as (path: string) => Original)(dirPath);
      await runVatScript(original);
      await original.hostStorage.commit();
      await original.hostStorage.close();
      await expectFollowed(dirPath, 'a');
    });

    it('says nothing until the store is open here again', async () => {
      const dirPath = await makeStore();
      const original = (openOriginal as (path: string) => Original)(dirPath);
      original.kernelStorage.startCrank();
      original.kernelStorage.kvStore.set('a', 'theirs');
      original.kernelStorage.emitCrankHashes();
      original.kernelStorage.endCrank();
      await original.hostStorage.commit();
      await original.hostStorage.close();
      await expectFollowed(dirPath, 'b');
    });
  });

  it('knows a damaged activityhash from the activityhash of another program', async () => {
    const dirPath = await makeStore();
    change(
      dirPath,
      `UPDATE kvStore SET value = replace(value, '0', '1') WHERE key = 'activityhash'`,
    );
    expect(await problemsOf(dirPath)).to.deep.equal(['rows kv.activityhash']);
    const error = await failureOf(() => openSwingStore(dirPath));
    expect(error).to.be.instanceOf(StoreDamagedError);
    expect(error).to.include({ thing: 'kv.activityhash' });
  });

  it('tells what a damaged activityhash was', async () => {
    for (const damage of [
      `UPDATE kvStore SET value = replace(value, '0', '1') WHERE key = 'activityhash'`,
      `DELETE FROM kvStore WHERE key = 'activityhash'`,
    ]) {
      const dirPath = await makeStore();
      const before = checksumOf(dirPath);
      change(dirPath, damage);
      const { ok, repairs } = await repairStore(dirPath);
      expect(ok).to.equal(true);
      expect(repairs).to.deep.equal([
        { thing: 'kv.activityhash', done: true, result: 'set to what was written' },
      ]);
      const { kernelStorage, hostStorage } = openSwingStore(dirPath);
      expect(before).to.include({ activityhash: kernelStorage.getActivityhash() });
      await hostStorage.close();
      expect(checksumOf(dirPath)).to.deep.equal(before);
    }
  });
});

describe('the sum of rows', () => {
  const sumOf = (...rows: readonly (readonly unknown[])[]): string => {
    const sum = RowSum.from();
    for (const row of rows) sum.add('t', row);
    return sum.toString();
  };

  it('does not depend on their order, and returns to what it was', () => {
    expect(sumOf(['a', '1'], ['b', '2'])).to.equal(sumOf(['b', '2'], ['a', '1']));
    const sum = RowSum.from(sumOf(['a', '1']));
    sum.add('t', ['b', '2']);
    sum.remove('t', ['b', '2']);
    expect(sum.toString()).to.equal(sumOf(['a', '1']));
    sum.remove('t', ['a', '1']);
    expect(sum.toString()).to.equal(RowSum.from().toString());
  });

  it('differs for each change of one bit, and for values that look alike', () => {
    const text = 'The quick brown fox, быстрая лиса 🦊';
    const sums = new Set([sumOf([text])]);
    for (let index = 0; index < text.length; index += 1) {
      for (let bit = 0; bit < 16; bit += 1) {
        const unit = String.fromCharCode(text.charCodeAt(index) ^ (1 << bit));
        sums.add(sumOf([text.slice(0, index) + unit + text.slice(index + 1)]));
      }
    }
    expect(sums.size).to.equal(1 + text.length * 16);
    const alike = [['1'], [1], [null], [''], [Buffer.from('1')], ['1', ''], ['', '1']];
    expect(new Set(alike.map(row => sumOf(row))).size).to.equal(alike.length);
  });
});
