import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import { foreverPolicy } from '../../lib/index.js';
import { makeConfig } from '../platform-epoch/support/fixture.js';
import { failureOf } from '../support/failure.js';
import { startLife, type Life } from '../support/swingset.js';

const MB = 1_000_000;

const start = async (carol: object = {}, config: object = {}): Promise<Life> => {
  const life = await startLife({
    config: { ...makeConfig(), snapshotInitial: 10_000, ...config },
    worker: 'xsnap',
    platformEpoch: 1,
  });
  await life.run();
  await life.call('boot', 'create', 'carol', carol);
  await life.controller.snapshotAllVats();
  return life;
};

const sizesOf = (life: Life) => {
  const text = life.kernelStorage.kvStore.get('v5.heapSizes');
  return text === undefined ? undefined : (JSON.parse(text) as { first: number; last: number });
};

const fill = async (life: Life): Promise<void> => {
  for (const part of ['one', 'two', 'three']) {
    await life.call('boot', 'send', 'carol', 'hold', part, part.padEnd(6 * MB));
  }
  await life.controller.snapshotAllVats();
};

describe('heapPolicy', () => {
  it('restarts a vat whose heap has grown, at the end of the next run, and only once', async () => {
    const life = await start({}, { heapPolicy: { restartAbove: 15 * MB } });
    const first = sizesOf(life)?.first ?? 0;
    expect(first).to.be.greaterThan(100_000);
    expect(life.slog.filter(({ type }) => type === 'heap-policy-restart')).to.deep.equal([]);
    await fill(life);
    const { last = 0 } = sizesOf(life) ?? {};
    expect(last).to.be.greaterThan(2 * first);
    const { uncompressedSize } = life.kernelStorage.snapStore.getSnapshotInfo('v5') ?? {};
    expect(last).to.equal(uncompressedSize);
    await life.run(foreverPolicy({ restarts: { vats: 0 } }));
    expect(sizesOf(life)?.last, 'the run policy allows none').to.equal(last);

    await life.run();
    const restarts = life.slog.filter(({ type }) => type === 'heap-policy-restart');
    expect(restarts.map(entry => [entry['vatID'], entry['last']])).to.deep.equal([['v5', last]]);
    expect(sizesOf(life)).to.equal(undefined);
    expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(2);
    await life.controller.snapshotAllVats();
    expect(sizesOf(life)?.last).to.be.lessThan(2 * first);
    await life.run();
    expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(2);
  });

  it("lets a vat go on that can't start, and waits until its heap has doubled again", async () => {
    const life = await start({ vatParameters: { failInLife: 1 } });
    life.controller.changeKernelOptions({ heapPolicy: { restartAbove: 15 * MB } });
    await fill(life);
    const last = sizesOf(life)?.last;
    await life.run();
    expect(sizesOf(life)).to.deep.equal({ first: last, last });
    await life.run();
    const failed = life.slog.filter(({ type }) => type === 'vat-restart-failed');
    expect(failed.map(({ vatID }) => vatID)).to.deep.equal(['v5']);
    expect(await life.call('boot', 'send', 'carol', 'bump')).to.deep.equal([1, 1]);
  });

  it('is off by default and with null; other values are refused with their field', async () => {
    const life = await start();
    const { kvStore } = life.kernelStorage;
    expect(kvStore.has('platformEpoch.heapPolicy')).to.equal(false);
    const change = (heapPolicy: unknown) => life.controller.changeKernelOptions({ heapPolicy });
    change({ restartAbove: 5 });
    expect(kvStore.get('platformEpoch.heapPolicy')).to.equal('{"restartAbove":5}');
    for (const [policy, text] of [
      [7, 'options.heapPolicy: expected { restartAbove: bytes }, or null, got 7'],
      [{ restartAbove: -1 }, 'options.heapPolicy.restartAbove: expected an integer of at least 1'],
      [{ restartBelow: 1 }, 'options.heapPolicy'],
    ] as const) {
      const error = await failureOf(() => change(policy));
      expect(error).to.be.instanceOf(BadOptionError);
      expect(String(error)).to.include(text);
    }
    change(null);
    expect(kvStore.has('platformEpoch.heapPolicy')).to.equal(false);
  });
});
