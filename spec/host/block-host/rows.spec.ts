import { expect } from 'chai';
import { committedRows, rowsUnder } from '../../../lib/host/block-host/rows.js';
import { openReader } from '../../../lib/store/reader.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import { useTempDirs } from '../../store/support/dirs.js';

describe('rows of the host', () => {
  const tempDir = useTempDirs();

  it('are read as of a commit while a transaction changes them', async () => {
    const dirPath = tempDir();
    const { hostStorage } = openSwingStore(dirPath);
    const rows = hostStorage.kvStore;
    for (const key of ['host.chain', 'host.chain.', 'host.chain.b', 'host.chain.a', 'host.chaim']) {
      rows.set(key, `${key}!`);
    }
    await hostStorage.commit();
    rows.set('host.chain.c', 'later');
    rows.delete('host.chain.a');
    const reader = openReader(dirPath);
    const keysOf = (of: typeof rows | ReturnType<typeof committedRows>) =>
      [...rowsUnder(of, 'host.chain.')].map(([key]) => key);
    const committed = committedRows(reader);
    expect(keysOf(rows)).to.deep.equal(['host.chain.', 'host.chain.b', 'host.chain.c']);
    expect(keysOf(committed)).to.deep.equal(['host.chain.', 'host.chain.a', 'host.chain.b']);
    expect(committed.get('host.chain.a')).to.equal('host.chain.a!');
    expect(committed.get('host.chain.c')).to.equal(undefined);
    expect([...rowsUnder(rows, 'host.none.')]).to.deep.equal([]);
    reader.close();
    await hostStorage.close();
  });

  it('may be deleted while they are listed', async () => {
    const { hostStorage } = openSwingStore(tempDir());
    const rows = hostStorage.kvStore;
    for (let i = 0; i < 9; i += 1) rows.set(`host.x.${i}`, '');
    for (const [key] of rowsUnder(rows, 'host.x.')) rows.delete(key);
    expect(rows.getNextKey('host.')).to.equal(undefined);
    await hostStorage.close();
  });
});
