import { expect } from 'chai';
import { StoreLockedError } from '../../lib/store/errors.js';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import { repairStore } from '../../lib/store/repair.js';
import type { RepairOptions } from '../../lib/store/repair.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { useTempDirs } from './support/dirs.js';
import { oneChunk, runVatScript, scriptBundle, scriptBundleID } from './support/script.js';
import { failureOf } from '../support/failure.js';

describe('repairStore', () => {
  const tempDir = useTempDirs();

  /** A store whose last commit was made with these changes behind its back. */
  const makeStore = async (sql = ''): Promise<string> => {
    const dirPath = tempDir();
    const store = initSwingStore(dirPath, { keepSnapshots: true });
    await runVatScript(store);
    store.kernelStorage.imageStore.save(Buffer.from('an image'));
    await store.hostStorage.commit();
    store.debug.getDatabase().exec(sql);
    await store.hostStorage.close();
    return dirPath;
  };
  const dumpOf = async (dirPath: string) => {
    const { debug, hostStorage } = openSwingStore(dirPath);
    const rows = (table: string) =>
      debug.getDatabase().prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all();
    const dump = ['kvStore', 'transcriptItems', 'transcriptSpans', 'snapshots', 'bundles'].map(
      rows,
    );
    await hostStorage.close();
    return dump;
  };
  const results = async (sql: string, options: RepairOptions = {}) => {
    const dirPath = await makeStore(sql);
    const { ok, repairs, left } = await repairStore(dirPath, options);
    const lines = repairs.map(({ thing, done, result }) => `${thing}: ${done}: ${result}`);
    return { dirPath, ok, lines, left: left.map(({ thing }) => thing) };
  };

  it('has nothing to do on a good store', async () => {
    expect(await repairStore(await makeStore())).to.deep.equal({
      ok: true,
      found: [],
      repairs: [],
      left: [],
    });
  });

  it('takes artifacts from another copy, and nothing but the right ones', async () => {
    const good = await makeStore();
    const damage = `
      UPDATE transcriptItems SET item = 'x' WHERE vatID = 'v2' AND position = 1;
      DELETE FROM transcriptItems WHERE vatID = 'v10' AND position = 5;
      UPDATE snapshots SET compressedSnapshot = x'00' WHERE vatID = 'v10' AND snapPos = 4;
      UPDATE bundles SET bundle = '{}';`;
    const exporter = makeSwingStoreExporter(good, { artifactMode: 'debug' });
    const { dirPath, ok, lines } = await results(damage, { artifacts: exporter });
    await exporter.close();
    expect(lines).to.deep.equal([
      `bundle.${scriptBundleID}: true: copied from the other store or export`,
      'transcript.v10.5.6: true: copied from the other store or export',
      'transcript.v2.0.3: true: copied from the other store or export',
      'snapshot.v10.4: true: copied from the other store or export',
      'rows: true: with the other repairs, the rows are those that were written',
    ]);
    expect(ok).to.equal(true);
    expect(await dumpOf(dirPath)).to.deep.equal(await dumpOf(good));

    const wrong = {
      getArtifact: (name: string) => oneChunk(name.startsWith('t') ? '"wrong"\n' : 'wrong'),
    };
    const unmended = await results(damage, { artifacts: wrong });
    expect(unmended.ok).to.equal(false);
    // The bundle, two spans, a snapshot, and the checksum, which counts the bundle's bytes.
    expect(unmended.left).to.have.length(5);
    expect(unmended.lines[1]).to.match(/^transcript\.v10\.5\.6: false: .*its record says/);
    const before = await dumpOf(await makeStore(damage));
    expect(await dumpOf(unmended.dirPath)).to.deep.equal(before);
  });

  it('makes a snapshot again by the replay that it is given, if the hash is right', async () => {
    const lost = `UPDATE snapshots SET compressedSnapshot = NULL WHERE vatID = 'v2' AND snapPos = 4`;
    const sources: unknown[] = [];
    const good = await results(lost, {
      replay: async (_store, { spans, earlier, ...source }) => {
        sources.push({
          ...source,
          from: earlier.map(({ snapPos }) => snapPos),
          spans: spans.map(({ startPos }) => startPos),
        });
        return oneChunk('second snapshot of v2');
      },
    });
    expect(good.lines).to.deep.equal([
      'snapshot.v2.4: true: rebuilt by a replay of its transcript',
    ]);
    // The snapshot of position 2 belongs to the incarnation before.
    expect(sources).to.have.length(1);
    expect(sources[0]).to.deep.include({ vatID: 'v2', snapPos: 4, from: [], spans: [4] });
    expect(await dumpOf(good.dirPath)).to.deep.equal(await dumpOf(await makeStore()));

    const bad = await results(lost, { replay: async () => oneChunk('something else') });
    expect(bad.lines[0]).to.match(/^snapshot\.v2\.4: false: .*its record says/);
    expect(bad.left).to.deep.equal(['snapshot.v2.4']);
  });

  it('says why no replay is possible', async () => {
    const { lines, ok } = await results(
      `UPDATE snapshots SET compressedSnapshot = NULL WHERE vatID = 'v2' AND snapPos = 4;
       DELETE FROM transcriptItems WHERE vatID = 'v2' AND position = 4`,
      { replay: async () => oneChunk('second snapshot of v2') },
    );
    expect(ok).to.equal(false);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(
      /^snapshot\.v2\.4: false: .*a replay would need transcript\.v2\.4\.5, which was pruned/,
    );
  });

  it('drops what nobody needs: damaged images, and snapshots that are not in use', async () => {
    const { dirPath, ok, lines } = await results(`
      UPDATE platformImages SET bytes = x'00';
      UPDATE snapshots SET compressedSnapshot = x'00' WHERE vatID = 'v2' AND snapPos = 2;`);
    expect(lines.map(line => line.replace(/\.[0-9a-f]{64}/, ''))).to.deep.equal([
      'platformImage: true: removed; it is rebuilt at its next use',
      'snapshot.v2.2: true: dropped: it was not in use',
    ]);
    expect(ok).to.equal(true);
    const { kernelStorage, hostStorage } = openSwingStore(dirPath);
    expect(kernelStorage.snapStore.getSnapshotInfo('v2')).to.include({ snapPos: 4 });
    await hostStorage.close();
  });

  it('adds bundles that are at hand, and measures snapshots anew', async () => {
    const { dirPath, ok, lines } = await results(
      `UPDATE bundles SET bundle = '{}'; UPDATE snapshots SET compressedSize = 1 WHERE vatID = 'v10'`,
      { findBundle: async () => scriptBundle },
    );
    expect(ok).to.equal(true);
    expect(lines.map(line => line.split(': ')[2])).to.deep.equal([
      'replaced by the installed bundle',
      'its bytes are intact; its recorded sizes were corrected',
      'its bytes are intact; its recorded sizes were corrected',
      'with the other repairs, the rows are those that were written',
    ]);
    expect(await dumpOf(dirPath)).to.deep.equal(await dumpOf(await makeStore()));
  });

  it('writes records and values that checks derive', async () => {
    const dirPath = await makeStore(`
      UPDATE snapshots SET hash = 'ab' WHERE vatID = 'v2' AND snapPos = 4;
      UPDATE kvStore SET value = '0' WHERE key = 'a';`);
    const hash = '4f'.repeat(32);
    const { repairs } = await repairStore(dirPath, {
      checks: [
        function* check(view) {
          if (view.get('a') !== '1') {
            const correction = { key: 'a', value: '1' };
            yield { kind: 'kernel', thing: 'a', detail: 'it is 0', correction };
          }
          yield {
            kind: 'snapshot',
            thing: 'snapshot.v2.4',
            detail: 'its record is wrong',
            remedy: 'the transcript',
            record: { vatID: 'v2', snapPos: 4, hash, inUse: 1 },
          };
        },
      ],
    });
    expect(repairs.map(({ thing, done }) => [thing, done])).to.deep.equal([
      ['snapshot.v2.4', false],
      ['a', true],
      // The check here derives another record than was written.
      ['rows', false],
    ]);
    const { kernelStorage, hostStorage } = openSwingStore(dirPath);
    expect(kernelStorage.kvStore.get('a')).to.equal('1');
    expect(kernelStorage.snapStore.getSnapshotInfo('v2')).to.include({ hash });
    await hostStorage.close();
  });

  it('leaves a store alone that is in use', async () => {
    const dirPath = await makeStore(`UPDATE bundles SET bundle = '{}'`);
    const { hostStorage } = openSwingStore(dirPath);
    const error = await failureOf(repairStore(dirPath));
    expect(error).to.be.instanceOf(StoreLockedError);
    await hostStorage.close();
  });
});
