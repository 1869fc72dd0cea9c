import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import { StoreLockedError } from '../../lib/store/errors.js';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import { pruneStore } from '../../lib/store/prune.js';
import type { PrunePolicy } from '../../lib/store/prune.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import { useTempDirs } from './support/dirs.js';
import { makeScriptedStore } from './support/made-stores.js';

describe('pruneStore', () => {
  const tempDir = useTempDirs();

  const makeStore = (): Promise<string> => makeScriptedStore(tempDir(), { keepSnapshots: true });
  const artifactsOf = async (dirPath: string): Promise<string[]> => {
    const exporter = makeSwingStoreExporter(dirPath, { artifactMode: 'debug' });
    const names: string[] = [];
    for await (const name of exporter.getArtifactNames()) {
      if (!name.startsWith('bundle')) {
        names.push(name);
      }
    }
    await exporter.close();
    return names;
  };
  const dataOf = async (dirPath: string): Promise<string[]> => {
    const exporter = makeSwingStoreExporter(dirPath);
    const data: string[] = [];
    for await (const [key, value] of exporter.getExportData()) {
      data.push(`${key}=${value}`);
    }
    await exporter.close();
    return data;
  };
  const inUse = ['snapshot.v10.4', 'snapshot.v2.4'];
  const current = ['transcript.v10.5.6', 'transcript.v2.5.6', 'transcript.v3.4.5'];

  it('leaves what the policy keeps, and every hash', async () => {
    const dirPath = await makeStore();
    const data = await dataOf(dirPath);
    expect(pruneStore(dirPath, {})).to.deep.equal({ done: true, spans: 0, snapshots: 0 });
    const policy: PrunePolicy = { keepSpans: 'incarnation', keepSnapshots: 'in-use' };
    expect(pruneStore(dirPath, policy)).to.deep.equal({ done: true, spans: 10, snapshots: 5 });
    expect(await artifactsOf(dirPath)).to.have.members([
      ...inUse,
      ...current,
      'transcript.v10.4.5',
      'transcript.v2.4.5',
    ]);
    expect(pruneStore(dirPath, policy)).to.deep.equal({ done: true, spans: 0, snapshots: 0 });
    expect(pruneStore(dirPath, { keepSpans: 'current' }).spans).to.equal(2);
    expect(await artifactsOf(dirPath)).to.deep.equal([...inUse, ...current]);
    expect(await dataOf(dirPath)).to.deep.equal(data);
    expect(await verifyStore(dirPath)).to.deep.include({ ok: true });
  });

  it('goes as far as its budget', async () => {
    const dirPath = await makeStore();
    const policy: PrunePolicy = { keepSpans: 'current', keepSnapshots: 'in-use', budget: 8 };
    expect(pruneStore(dirPath, policy)).to.deep.equal({ done: false, spans: 3, snapshots: 5 });
    expect(pruneStore(dirPath, policy)).to.deep.equal({ done: false, spans: 8, snapshots: 0 });
    expect(pruneStore(dirPath, policy)).to.deep.equal({ done: true, spans: 1, snapshots: 0 });
  });

  it('refuses a store in use, and invalid policies', async () => {
    const dirPath = await makeStore();
    const { hostStorage } = initSwingStore(dirPath);
    expect(() => pruneStore(dirPath, {})).to.throw(StoreLockedError);
    await hostStorage.close();
    for (const policy of [{ keepSpans: 'some' }, { keepSnapshots: 'none' }, { budget: 0 }]) {
      expect(() => pruneStore(dirPath, policy as PrunePolicy)).to.throw(BadOptionError);
    }
  });
});
