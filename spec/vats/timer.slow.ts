import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bundleSource from '@endo/bundle-source';
import { buildTimer as buildSwingsetTimer } from '@agoric/swingset-vat';
import { expect } from 'chai';
import { buildTimer } from '../../lib/devices/timer/timer.js';
import type { Timer } from '../../lib/devices/timer/timer.js';
import type { Bundle } from '../../lib/store/types.js';
import type { ManagerType } from '../../lib/types/vat-options.js';
import { startLife } from '../support/swingset.js';
import type { Life, LifeOptions } from '../support/swingset.js';
import { sourcePath } from './support/paths.js';
import { startSwingsetHost } from './support/swingset-host.js';
import { TimerBench, on, poll, timer } from './support/timer-bench.js';

const userVat = sourcePath('spec/vats/fixtures/timer-user.js');

const readRecording = async () =>
  JSON.parse(
    await readFile(sourcePath('spec/vats/fixtures/timer-original.json'), 'utf8'),
  ) as Record<string, string[]>;

const hostOf = (life: Life) => ({
  ask: (method: string, ...args: readonly unknown[]) => life.call('bootstrap', method, ...args),
  run: () => life.run(),
});

const startTimerLife = async (worker: ManagerType, options: Partial<LifeOptions> = {}) => {
  const clock = buildTimer();
  const life = await startLife({
    worker,
    config: {
      bootstrap: 'bootstrap',
      pinBootstrapRoot: true,
      // Collecting the garbage of this whole process after each delivery takes a minute.
      ...(worker === 'local' && { defaultReapInterval: 'never' }),
      vats: { bootstrap: { sourceSpec: userVat } },
      devices: { timer: { sourceSpec: clock.srcPath } },
    },
    initialization: { addTimer: true },
    deviceEndowments: { timer: clock.endowments },
    ...options,
  });
  await life.run();
  return { life, bench: new TimerBench(hostOf(life), clock.poll) };
};

const brand = '[object Alleged: timerBrand]';
const at = (absValue: bigint) => JSON.stringify({ absValue: `${absValue}n`, timerBrand: brand });
/** Something of each kind that can wait for its time. */
const beforeRestart = [
  poll(100n),
  timer('setWakeup', 105n, '$a'),
  timer('setWakeup', 106n, '$b', '$token'),
  timer('repeatAfter', 10n, 10n, '$again', '$other'),
  timer('makeRepeater', 5n, 10n),
  ['nameResult', 'repeater'],
  on('repeater', 'schedule', '$repeated'),
  timer('makeNotifier', 20n, 10n, '$other'),
  ['nameResult', 'notifier'],
  on('notifier', '@asyncIterator'),
  ['nameResult', 'iterator'],
  on('iterator', 'next'),
] as const;

const afterRestart = [
  timer('getCurrentTimestamp'),
  poll(105n),
  timer('cancel', '$token'),
  on('iterator', 'next'),
  poll(120n),
  on('notifier', 'getUpdateSince'),
  on('repeater', 'disable'),
  timer('repeatAfter', 5n, 10n, '$hang', '$token'),
  poll(125n),
] as const;

/** Promises end with the incarnation, all else goes on. */
const expectedAfterRestart = [
  '$iterator.next rejected',
  `$timer.getCurrentTimestamp => ${at(100n)}`,
  'poll 105 true',
  `a.wake ${at(105n)}`,
  `repeated.wake ${at(105n)}`,
  '$timer.cancel => "#undefined"',
  'poll 120 true',
  `again.wake ${at(120n)}`,
  `repeated.wake ${at(120n)}`,
  `$iterator.next => {"done":false,"value":${at(120n)}}`,
  `$notifier.getUpdateSince => {"updateCount":"1n","value":${at(120n)}}`,
  '$repeater.disable => "#undefined"',
  '$timer.repeatAfter => "#undefined"',
  'poll 125 true',
  `hang.wake ${at(125n)}`,
];

/** Leaves out how the promise of `next()` was rejected, which is for the kernel to say. */
const playAfterRestart = async (bench: TimerBench) => {
  const [first, ...others] = await bench.play(afterRestart);
  expect(first).to.contain('"name":"vatUpgraded"');
  return [first?.slice(0, first.indexOf(' {')), ...others];
};

/** The handler answers to an incarnation that is gone: the repetition goes on all the same. */
const afterSecondRestart = [
  ['release'],
  poll(135n),
  timer('cancel', '$token'),
  timer('cancel', '$other'),
  ['release'],
  poll(300n),
] as const;
const expectedAfterSecondRestart = [
  'poll 135 true',
  `again.wake ${at(135n)}`,
  `hang.wake ${at(135n)}`,
  '$timer.cancel => "#undefined"',
  '$timer.cancel => "#undefined"',
  'poll 300 false',
];

describe('the timer vat and its device', () => {
  for (const worker of ['local', 'xsnap'] as const) {
    it(`answer as SwingSet's did when they were recorded, on ${worker}`, async () => {
      const { bench } = await startTimerLife(worker);
      expect(await bench.playAll()).to.deep.equal(await readRecording());
    });
  }

  /** Restarts the timer vat with our code. */
  const upgrade = async (life: Life) => {
    const bundle = (await bundleSource(sourcePath('lib/vats/timer/vat-timer.js'), {
      format: 'endoZipBase64',
    })) as unknown as Bundle;
    const bundleID = await life.controller.validateAndInstallBundle(bundle);
    const kpid = life.controller.upgradeStaticVat('timer', false, bundleID, {});
    await life.run();
    expect(life.resultOf(kpid)).to.have.property('incarnationNumber');
  };

  it('go on after the vat was upgraded', async () => {
    const { life, bench } = await startTimerLife('local');
    await bench.play(beforeRestart);
    await upgrade(life);
    expect(await playAfterRestart(bench)).to.deep.equal(expectedAfterRestart);
    await upgrade(life);
    expect(await bench.play(afterSecondRestart)).to.deep.equal(expectedAfterSecondRestart);
  });

  it('go on after the platform advanced', async () => {
    const { life, bench } = await startTimerLife('local', { platformEpoch: 1 });
    // The users' vat keeps its names.
    const platformRestart = { exempt: ['bootstrap'] };
    await bench.play(beforeRestart);
    await life.reboot({ platformEpoch: 2, platformRestart });
    expect(await playAfterRestart(bench)).to.deep.equal(expectedAfterRestart);
    await life.reboot({ platformEpoch: 3, platformRestart });
    expect(await bench.play(afterSecondRestart)).to.deep.equal(expectedAfterSecondRestart);
  });

  it('keep nothing of promises that died with an epoch', async () => {
    const { life, bench } = await startTimerLife('local', { platformEpoch: 1 });
    const platformRestart = { exempt: ['bootstrap'] };
    const prefix = `${life.controller.vatNameToID('timer')}.vs.`;
    const countRows = () => {
      const { kvStore } = life.kernelStorage;
      let rows = 0;
      for (let key = kvStore.getNextKey(prefix); key?.startsWith(prefix); rows += 1) {
        key = kvStore.getNextKey(key);
      }
      return rows;
    };
    const counts: number[] = [];
    for (const platformEpoch of [2, 3, 4, 5]) {
      await bench.play([timer('wakeAt', 10_000n), timer('delay', 10_001n, '$token')]);
      await life.reboot({ platformEpoch, platformRestart });
      counts.push(countRows());
    }
    const [, second, ...others] = counts;
    expect(others).to.deep.equal([second, second]);
  });

  it("take over from SwingSet's in a store that SwingSet has made", async () => {
    const directory = await mkdtemp(join(tmpdir(), 'swingset-timer-'));
    try {
      const original = buildSwingsetTimer() as Timer;
      const swingset = await startSwingsetHost({
        vats: { bootstrap: userVat },
        devices: { timer: original },
        directory,
      });
      await new TimerBench(swingset, original.poll).play(beforeRestart);
      await swingset.shutdown();

      const { life, bench } = await startTimerLife('xsnap', {
        store: { path: directory },
        // SwingSet's host holds on to the promises for its own messages.
        checkAtEnd: false,
      });
      await upgrade(life);
      expect(await playAfterRestart(bench)).to.deep.equal(expectedAfterRestart);
      await upgrade(life);
      expect(await bench.play(afterSecondRestart)).to.deep.equal(expectedAfterSecondRestart);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
