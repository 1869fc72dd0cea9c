import { expect } from 'chai';
import { KernelPanicError } from '../../lib/kernel/delivery/errors.js';
import { HeapNotWrittenError } from '../../lib/workers/errors.js';
import type { LifeOptions } from '../support/swingset.js';
import { failureOf } from '../support/failure.js';
import { makeMuteSpawn } from '../workers/support/mute-spawn.js';
import { startDemo } from './support/demo.js';

describe("a snapshot that the engine can't write", () => {
  const start = async (options: Partial<LifeOptions> = {}) => {
    let isMute = true;
    const demo = await startDemo('xsnap', {
      config: { vats: {}, snapshotInitial: 4, snapshotInterval: 6, defaultReapInterval: 1 },
      store: 'directory',
      spawn: makeMuteSpawn(args => isMute && args[0]?.endsWith(':alice') === true),
      ...options,
    });
    const alice = demo.controller.vatNameToID('alice');
    const repair = () => {
      isMute = false;
    };
    return { demo, alice, repair };
  };

  it('stops the kernel with nothing kept, and says what the host can do', async () => {
    const { demo, alice, repair } = await start({ checkAtEnd: false });
    await demo.hostStorage.commit();
    const before = demo.controller.getActivityhash();
    const failure = await failureOf(demo.host('send', 'alice', 'echo', 1));
    expect(failure).to.be.instanceOf(KernelPanicError);
    const cause = (failure as KernelPanicError).cause as HeapNotWrittenError;
    expect(cause).to.be.instanceOf(HeapNotWrittenError).that.includes({ vatID: alice });
    expect(cause.message).to.contain(alice).and.to.contain("onWorkerDeath: 'terminate'");

    repair();
    await demo.crash();
    expect(demo.controller.getActivityhash()).to.equal(before);
    expect(await demo.host('send', 'alice', 'echo', 1)).to.deep.equal(['fulfilled', [1]]);
    expect(demo.kernelStorage.snapStore.getSnapshotInfo(alice)).to.include({ snapPos: 5 });
  });

  it('is done without where the host says so, until the next is due', async () => {
    const { demo, alice, repair } = await start({ onWorkerDeath: 'terminate' });
    const failures = () =>
      demo.slog.filter(({ type }) => type === 'heap-snapshot-failed').map(({ vatID }) => vatID);
    const rowOf = () => demo.kernelStorage.kvStore.get(`${alice}.snapshotFailed`);
    const echo = async () => {
      expect(await demo.host('send', 'alice', 'echo', 1)).to.deep.equal(['fulfilled', [1]]);
    };
    // initialize-worker, startVat, bringOutYourDead; the message, bringOutYourDead
    await echo();
    expect([rowOf(), failures()]).to.deep.equal(['5', [alice]]);
    for (let i = 0; i < 8 && failures().length === 1; i += 1) await echo();
    // six deliveries, and the bringOutYourDead of the next try
    expect([rowOf(), failures()]).to.deep.equal(['12', [alice, alice]]);
    repair();
    await demo.reboot();
    const { snapStore } = demo.kernelStorage;
    for (let i = 0; i < 8 && !snapStore.getSnapshotInfo(alice); i += 1) await echo();
    expect(snapStore.getSnapshotInfo(alice)).to.include({ snapPos: 19 });
    expect(rowOf()).to.equal(undefined);
  });
});
