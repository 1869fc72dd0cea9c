import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import { runBlock } from './support/block.js';
import { killNow, nextMessage, startWriter } from './support/child.js';
import { useTempDirs } from './support/dirs.js';

/** `KILL_ROUNDS=300 npx mocha spec/store/durability.spec.ts` kills more often. */
const ROUNDS = Number(process.env.KILL_ROUNDS ?? 20);

interface WriterMessage {
  readonly committing?: number;
  readonly committed?: number;
  readonly activityhash?: string;
}

/** Milliseconds after a commit's announcement at which round `n` kills: all over two blocks. */
const killDelay = (n: number): number => ((n * 7) % 20) * 0.6;

describe('durability', () => {
  const tempDir = useTempDirs();

  it(`survives ${ROUNDS} kill -9 at the last commit, equal to an undisturbed run`, async () => {
    const dirPath = tempDir();
    await initSwingStore(dirPath).hostStorage.close();
    const hashes = new Map<number, string>();
    let height = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const child = startWriter(dirPath, 'run');
      let committing = height;
      let committed = height;
      child.on('message', (message: WriterMessage) => {
        committing = message.committing ?? committing;
        if (message.committed !== undefined) {
          committed = message.committed;
          hashes.set(committed, message.activityhash!);
        }
      });
      // Half of the kills come about the first commit of a life, half about the second.
      await nextMessage(child);
      if (round % 2 === 1) {
        await nextMessage(child);
      }
      await setTimeout(killDelay(round));
      await killNow(child);

      const { kernelStorage, hostStorage } = openSwingStore(dirPath);
      height = Number(hostStorage.kvStore.get('host.height') ?? '0');
      expect(height).to.be.at.least(committed);
      expect(height).to.be.at.most(committing + 1);
      const expected = hashes.get(height);
      if (expected !== undefined) {
        expect(kernelStorage.getActivityhash()).to.equal(expected);
      }
      await hostStorage.close();
      const { problems } = await verifyStore(dirPath);
      expect(problems).to.deep.equal([]);
    }
    expect(height).to.be.at.least(Math.floor(ROUNDS / 2));

    const undisturbed = initSwingStore(null);
    for (let h = 1; h <= height; h += 1) {
      await runBlock(undisturbed, h);
      await undisturbed.hostStorage.commit();
      const expected = hashes.get(h);
      if (expected !== undefined) {
        expect(undisturbed.kernelStorage.getActivityhash()).to.equal(expected);
      }
    }
    const killed = openSwingStore(dirPath);
    expect(killed.debug.dump()).to.deep.equal(undisturbed.debug.dump());
    await killed.hostStorage.close();
  });

  it('commits in groups when the host prefers that, and syncs on demand', async () => {
    const dirPath = tempDir();
    const { hostStorage, kernelStorage, debug } = initSwingStore(dirPath, { durability: 'group' });
    expect(debug.getDatabase().pragma('synchronous', { simple: true })).to.equal(1);
    kernelStorage.kvStore.set('a', '1');
    await hostStorage.commit();
    await hostStorage.sync();
    await hostStorage.close();
    const reopened = openSwingStore(dirPath);
    expect(reopened.kernelStorage.kvStore.get('a')).to.equal('1');
    await reopened.hostStorage.close();
  });
});
