import { expect } from 'chai';
import { join } from 'node:path';
import { MAX_CHUNK_BYTES } from '../../../../lib/host/block-host/snapshots/manifest.js';
import { useTempDirs } from '../../../store/support/dirs.js';
import { exportDataOf } from './support/chain.js';
import { openJoiner, openSource } from './support/peer.js';

describe('a restore of vats with heap snapshots', () => {
  const tempDir = useTempDirs();

  it('starts them from those, and has the hashes of the source from then on', async () => {
    const home = tempDir('source');
    const source = await openSource({
      home,
      worker: 'xsnap',
      interval: 2,
      chunkBytes: MAX_CHUNK_BYTES,
    });
    await source.runTo(2);
    const exported = await exportDataOf(join(home, 'swingset'));
    await source.runTo(3);
    const snapshot = await source.passed(2);
    await source.runTo(4);
    expect(snapshot.chunks.length).to.be.greaterThan(1);
    expect(snapshot.chunks.every(({ length }) => length < MAX_CHUNK_BYTES)).to.equal(true);

    const joiner = await openJoiner(tempDir('joiner'), 'xsnap');
    expect((await joiner.take(snapshot)).last?.result).to.equal('accept');
    const names = joiner.events.flatMap(event =>
      event.type === 'restore-artifact' ? [event.name] : [],
    );
    expect(names.filter(name => name.startsWith('snapshot.'))).to.have.length.greaterThan(1);
    expect(await exportDataOf(joiner.storeDir)).to.deep.equal(exported);
    for (const height of [3, 4]) {
      await joiner.chain().runTo(height);
      expect(joiner.chain().appHash()).to.deep.equal(source.appHashes.get(height));
    }
    await joiner.close();
    await source.close();
  });
});
