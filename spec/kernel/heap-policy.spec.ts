import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import { findGrownVat } from '../../lib/kernel/cranks/heap-policy.js';
import { parseVatID } from '../../lib/types/ids.js';
import { foreverPolicy } from '../../lib/index.js';
import { makeConfig } from '../platform-epoch/support/fixture.js';
import { failureOf } from '../support/failure.js';
import { startScripted } from '../support/scripted-kernel.js';
import { startLife, type Life } from '../support/swingset.js';

const MB = 1_000_000;

describe('the vat that a heap policy restarts', () => {
  const [v1, v2, v3] = ['v1', 'v2', 'v3'].map(parseVatID);

  const find = async (sizes: Record<string, [first: number, last: number]>) => {
    const { parts } = await startScripted({ vats: { boot: {}, alice: {}, bob: {} } });
    const { state } = parts.lifecycle;
    return state.atomically(() => {
      state.settings.heapPolicy = { restartAbove: 10 * MB };
      for (const [id, [first, last]] of Object.entries(sizes)) {
        state.vats.setHeapSizes(parseVatID(id), { first, last });
      }
      return findGrownVat(state);
    });
  };

  it('is none without a policy, and none that is small or has not doubled', async () => {
    const { parts } = await startScripted({ vats: { boot: {} } });
    const { state } = parts.lifecycle;
    state.atomically(() => state.vats.setHeapSizes(v1!, { first: 1, last: 99 * MB }));
    expect(findGrownVat(state)).to.equal(undefined);
    expect(await find({ v1: [1 * MB, 10 * MB] })).to.equal(undefined);
    expect(await find({ v1: [6 * MB, 12 * MB] })).to.equal(undefined);
    expect(await find({ v1: [6 * MB, 12 * MB + 1] })).to.equal(v1);
  });

  it('is the one with the largest heap, the oldest of equals, and in service', async () => {
    const grown: [number, number] = [1 * MB, 20 * MB];
    expect(await find({ v1: grown, v2: [1 * MB, 21 * MB], v3: grown })).to.equal(v2);
    expect(await find({ v2: grown, v3: grown })).to.equal(v2);
    const { parts, kernel } = await startScripted({ vats: { boot: {}, alice: {}, bob: {} } });
    const { state } = parts.lifecycle;
    state.atomically(() => {
      state.settings.heapPolicy = { restartAbove: 10 * MB };
      for (const vatID of [v2!, v3!]) state.vats.setHeapSizes(vatID, { first: 1, last: 20 * MB });
    });
    kernel.pauseVat('v2');
    expect(findGrownVat(state)).to.equal(v3);
  });
});

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
