import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { sourcePath } from './support/paths.js';
import { TimerBench, on, poll, timer } from './support/timer-bench.js';

const readRecording = async () =>
  JSON.parse(
    await readFile(sourcePath('spec/vats/fixtures/timer-original.json'), 'utf8'),
  ) as Record<string, string[]>;

describe('the timer vat and its device', function () {
  this.timeout(240_000);

  it("answer as SwingSet's did when they were recorded", async () => {
    const ours = await TimerBench.start('ours');
    try {
      expect(await ours.playAll()).to.deep.equal(await readRecording());
    } finally {
      await ours.shutdown();
    }
  });

  it("take over from SwingSet's in a running store, and from themselves", async () => {
    const bench = await TimerBench.start('original');
    const brand = '[object Alleged: timerBrand]';
    const at = (absValue: bigint) =>
      JSON.stringify({ absValue: `${absValue}n`, timerBrand: brand });
    try {
      await bench.play([
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
      ]);
      await bench.upgrade();
      const log = await bench.play([
        timer('getCurrentTimestamp'),
        poll(105n),
        timer('cancel', '$token'),
        on('iterator', 'next'),
        poll(120n),
        on('notifier', 'getUpdateSince'),
        on('repeater', 'disable'),
        timer('repeatAfter', 5n, 10n, '$hang', '$token'),
        poll(125n),
      ]);
      expect(log).to.deep.equal([
        // Promises end with the incarnation, all else goes on.
        '$iterator.next rejected {"incarnationNumber":0,"name":"vatUpgraded","upgradeMessage":"vat timer upgraded"}',
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
      ]);
      await bench.upgrade();
      // The handler answers to an incarnation that is gone: the repetition goes on all the same.
      expect(
        await bench.play([
          ['release'],
          poll(135n),
          timer('cancel', '$token'),
          timer('cancel', '$other'),
          ['release'],
          poll(300n),
        ]),
      ).to.deep.equal([
        'poll 135 true',
        `again.wake ${at(135n)}`,
        `hang.wake ${at(135n)}`,
        '$timer.cancel => "#undefined"',
        '$timer.cancel => "#undefined"',
        'poll 300 false',
      ]);
    } finally {
      await bench.shutdown();
    }
  });
});
