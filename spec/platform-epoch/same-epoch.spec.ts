/** `npm run damage:same-epoch` boots a hundred times on each worker. */
import { expect } from 'chai';
import { makeTempDir } from '../support/swingset.js';
import { bootAgain } from './support/boot-again.js';
import { bootAndLook, prepareStore } from './support/crash.js';

describe('the same epoch again and again', () => {
  for (const [worker, boots] of [
    ['local', 20],
    ['xsnap', 3],
  ] as const) {
    it(`writes nothing, and starts only the vats of the preload set (${worker}, ${boots} boots)`, async () => {
      const path = `${makeTempDir()}/store`;
      await prepareStore({ path, worker, dynamicVats: 2 });
      await bootAndLook({ path, platformEpoch: 2, mode: 'eager' });
      const maxVatsOnline = 2;
      expect(await bootAgain({ path, platformEpoch: 2, boots, maxVatsOnline })).to.deep.equal({
        changes: 0,
        contents: 1,
        online: ['v1 v2'],
        mostProcesses: worker === 'xsnap' ? maxVatsOnline : 0,
      });
    });
  }
});
