import { expect } from 'chai';
import { makeBlockTimer } from '../../../lib/host/block-host/timer-deadline.js';
import { kser } from '../../../lib/kernel/delivery/kmarshal.js';
import { KernelState } from '../../../lib/state/kernel-state.js';
import { deviceRows } from '../../../lib/state/rows.js';
import { initSwingStore } from '../../../lib/store/swing-store.js';
import type { KernelStorage } from '../../../lib/store/types.js';
import { makeTempDir } from '../../support/swingset.js';

describe('the timer of a chain', () => {
  const setUp = () => {
    const { kernelStorage } = initSwingStore(makeTempDir());
    const { kvStore } = kernelStorage;
    const state = new KernelState(kernelStorage);
    state.initialize();
    const deviceID = state.devices.create('timer', undefined, {});
    const save = (...times: bigint[]) =>
      state.devices.setState(deviceID, {
        ...kser({ deadlines: times.map(time => ({ time })) }),
        slots: [],
      });
    const reads: string[] = [];
    const counted: KernelStorage = {
      ...kernelStorage,
      kvStore: {
        ...kvStore,
        get: key => {
          reads.push(key);
          return kvStore.get(key);
        },
      },
    };
    const polls: bigint[] = [];
    const timer = makeBlockTimer(counted, {
      poll: now => {
        polls.push(BigInt(now));
        return false;
      },
    });
    const readsOfState = () => reads.filter(key => key === deviceRows.state.keyOf(deviceID)).length;
    const crank = () => {
      state.beginCrank();
      state.endCrank();
    };
    return { save, timer, polls, readsOfState, crank };
  };

  it('reads the wakeups of the device once, until the kernel has run', () => {
    const { save, timer, readsOfState, crank } = setUp();
    save(10n, 20n);
    expect([9n, 10n, 11n].map(now => timer.isDue(now))).to.eql([false, true, true]);
    expect(readsOfState()).to.equal(1);
    save(20n);
    crank();
    expect([19n, 20n].map(now => timer.isDue(now))).to.eql([false, true]);
    expect(readsOfState()).to.equal(2);
  });

  it('reads them again after a poll, which drops wakeups without a crank', () => {
    const { save, timer, polls } = setUp();
    save(10n);
    expect(timer.isDue(10n)).to.equal(true);
    save();
    timer.poll(10n);
    expect(polls).to.eql([10n]);
    expect(timer.isDue(11n)).to.equal(false);
  });
});
