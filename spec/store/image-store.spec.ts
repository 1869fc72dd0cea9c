import * as swingStore from '@agoric/swing-store';
import { expect } from 'chai';
import { StoreDamagedError, StoreMissingError } from '../../lib/store/errors.js';
import { sha256Hex } from '../../lib/store/hash.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { useTempDirs } from './support/dirs.js';

describe('imageStore', () => {
  const tempDir = useTempDirs();
  const image = Buffer.alloc(100_000, 'platform');

  it('keeps an image over restarts, beside a store that swing-store still opens', async () => {
    const dirPath = tempDir();
    const first = initSwingStore(dirPath);
    expect(first.kernelStorage.imageStore.has(sha256Hex(image))).to.equal(false);
    const imageID = first.kernelStorage.imageStore.save(image);
    expect(imageID).to.equal(sha256Hex(image));
    expect(first.kernelStorage.imageStore.save(image)).to.equal(imageID);
    first.kernelStorage.kvStore.set('a', '1');
    await first.hostStorage.commit();
    await first.hostStorage.close();

    const theirs = swingStore.openSwingStore(dirPath);
    expect(theirs.kernelStorage.kvStore.get('a')).to.equal('1');
    theirs.kernelStorage.kvStore.set('b', '2');
    await theirs.hostStorage.commit();
    await theirs.hostStorage.close();

    const { kernelStorage, hostStorage } = openSwingStore(dirPath);
    expect(kernelStorage.kvStore.get('b')).to.equal('2');
    expect(image.equals(kernelStorage.imageStore.load(imageID))).to.equal(true);
    await hostStorage.close();
  });

  it('reports images that are absent or changed', () => {
    const { kernelStorage, debug } = initSwingStore(null);
    expect(() => kernelStorage.imageStore.load('00')).to.throw(StoreMissingError);
    const imageID = kernelStorage.imageStore.save(image);
    const otherID = kernelStorage.imageStore.save(Buffer.from('another'));
    debug
      .getDatabase()
      .exec(
        `UPDATE platformImages SET bytes = (SELECT bytes FROM platformImages WHERE imageID = '${otherID}')`,
      );
    expect(() => kernelStorage.imageStore.load(imageID)).to.throw(StoreDamagedError, imageID);
  });
});
