import { expect } from 'chai';
import { findGrownVat } from '../../lib/kernel/cranks/heap-policy.js';
import { parseVatID } from '../../lib/types/ids.js';
import { foreverPolicy } from '../../lib/controller/run-policies.js';
import { failsLater, startScripted, type ScriptedKernel } from '../support/scripted-kernel.js';

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

  it('waits while the run policy allows no restart, in whatever way it says so', async () => {
    const { parts, kernel } = await startScripted({ vats: { boot: {}, alice: {} } });
    const { state } = parts.lifecycle;
    await kernel.run();
    state.atomically(() => {
      state.settings.heapPolicy = { restartAbove: 10 * MB };
      state.vats.setHeapSizes(v2!, { first: 1, last: 20 * MB });
    });
    for (const no of [false, undefined] as unknown as boolean[]) {
      await kernel.run({ ...foreverPolicy(), allowRestart: () => no });
      expect(findGrownVat(state), String(no)).to.equal(v2);
    }
    await kernel.run();
    expect(findGrownVat(state)).to.equal(undefined);
  });
});

describe('the restart of a vat whose heap has grown', () => {
  const grow = async (code = {}): Promise<ScriptedKernel> => {
    const scripted = await startScripted({ vats: { vatAdmin: {}, alice: code, bob: {} } });
    await scripted.kernel.run();
    const { state } = scripted.parts.lifecycle;
    state.atomically(() => {
      state.settings.heapPolicy = { restartAbove: 10 * MB };
      for (const vatID of [v2!, v3!]) {
        state.vats.setHeapSizes(vatID, { first: 1, last: 20 * MB });
      }
    });
    scripted.told.length = 0;
    return scripted;
  };
  const [, v2, v3] = ['v1', 'v2', 'v3'].map(parseVatID);
  const sizesOf = ({ parts }: ScriptedKernel, vatID = v2!) =>
    parts.lifecycle.state.vats.getHeapSizes(vatID);

  it('comes at the end of a run, one vat a run, and its cost is told', async () => {
    const scripted = await grow();
    const told: object[] = [];
    const policy = { ...foreverPolicy(), didRestart: (cost: object) => void told.push(cost) };
    expect(await scripted.kernel.run(policy)).to.equal(1);
    expect(scripted.told).to.deep.equal(['v2.1 startVat']);
    expect(told).to.deep.equal([{ computrons: 100n }]);
    expect(sizesOf(scripted)).to.equal(undefined);
    await scripted.kernel.run();
    expect(scripted.told).to.deep.equal(['v2.1 startVat', 'v3.1 startVat']);
    expect(await scripted.kernel.run()).to.equal(0);
    const entries = scripted.slog.filter(({ type }) => type === 'heap-policy-restart');
    expect(entries.map(({ vatID, first, last }) => [vatID, first, last])).to.deep.equal([
      ['v2', 1, 20 * MB],
      ['v3', 1, 20 * MB],
    ]);
  });

  it('waits for a policy that allows it', async () => {
    const scripted = await grow();
    expect(await scripted.kernel.run(foreverPolicy({ restarts: { vats: 0 } }))).to.equal(0);
    expect(scripted.told).to.deep.equal([]);
    expect(sizesOf(scripted)?.last).to.equal(20 * MB);
  });

  it('leaves a vat that fails as it is, until its heap has doubled again', async () => {
    const scripted = await grow({ code: failsLater });
    const told: object[] = [];
    const policy = { ...foreverPolicy(), didRestart: (cost: object) => void told.push(cost) };
    await scripted.kernel.run(policy);
    expect(told).to.deep.equal([{}]);
    expect(sizesOf(scripted)).to.deep.equal({ first: 20 * MB, last: 20 * MB });
    await scripted.kernel.run();
    expect(scripted.told).to.deep.equal(['v2.1 startVat', 'v3.1 startVat']);
  });
});
