import { expect } from 'chai';
import { makeSleepers, sleepingVats } from '../../lib/kernel/cranks/sleepers.js';
import { changeService } from '../../lib/kernel/vats/service.js';
import { kser } from '../../lib/kernel/delivery/kmarshal.js';
import { foreverPolicy } from '../../lib/controller/run-policies.js';
import { parseVatID, type VatID } from '../../lib/types/ids.js';
import type { RunPolicy } from '../../lib/types/policies.js';
import {
  codeID,
  failsLater,
  startScripted,
  type BootOptions,
  type ScriptedKernel,
} from '../support/scripted-kernel.js';

const rolling: BootOptions = { platformEpoch: 2, platformRestart: { mode: 'rolling' } };
const oneLife = { computrons: 100n };
const v4 = parseVatID('v4');

/** vatAdmin and alice are static; v3 to v6 are dynamic, and `failing` of them can't start again. */
const start = async (failing: readonly number[] = []): Promise<ScriptedKernel> => {
  const scripted = await startScripted({ vats: { vatAdmin: {}, alice: {} } });
  await scripted.kernel.run();
  const { state } = scripted.parts.lifecycle;
  for (const number of [3, 4, 5, 6]) {
    const code = `vat ${number}`;
    scripted.code[code] = failing.includes(number) ? failsLater : () => undefined;
    state.atomically(() =>
      state.acceptanceQueue.push({
        type: 'create-vat',
        vatID: state.vats.allocateID(),
        source: { bundleID: codeID(code) },
        vatParameters: kser({}),
        dynamicOptions: {},
      }),
    );
  }
  await scripted.kernel.run();
  await scripted.boot(rolling);
  return scripted;
};

const sleeping = ({ parts }: ScriptedKernel): readonly VatID[] =>
  sleepingVats(parts.lifecycle.state);

describe('vats that sleep in a rolling restart', () => {
  it('start in vatID order, as many as the run policy allows, which hears what each cost', async () => {
    const scripted = await start([4]);
    expect(sleeping(scripted)).to.deep.equal(['v3', 'v4', 'v5', 'v6']);
    const told: object[] = [];
    const policy: RunPolicy = {
      ...foreverPolicy(),
      allowRestart: () => told.length < 3,
      didRestart: details => void told.push(details),
    };
    scripted.told.length = 0;
    await scripted.kernel.run(policy);
    expect(scripted.told).to.deep.equal(['v3.1 startVat', 'v4.1 startVat', 'v5.1 startVat']);
    expect(told).to.deep.equal([oneLife, {}, oneLife]);
    expect(sleeping(scripted)).to.deep.equal(['v6']);
    expect(scripted.parts.lifecycle.state.services.get(v4).type).to.equal('failed');
  });

  it('start one by one with a policy that knows nothing of restarts', async () => {
    const scripted = await start();
    const goesOn = () => true;
    await scripted.kernel.run({
      ...{ vatCreated: goesOn, crankComplete: goesOn, crankFailed: goesOn, emptyCrank: goesOn },
    });
    expect(sleeping(scripted)).to.deep.equal(['v4', 'v5', 'v6']);
    await scripted.kernel.run();
    expect(sleeping(scripted)).to.deep.equal(['v5', 'v6']);
    await scripted.kernel.run(foreverPolicy({ restarts: { vats: 0 } }));
    expect(sleeping(scripted)).to.deep.equal(['v5', 'v6']);
  });

  it('stop starting when the budget of computrons is spent; an unknown cost is all of it', async () => {
    const scripted = await start([4]);
    const budget = { vats: 10, computrons: 150n };
    await scripted.kernel.run(foreverPolicy({ restarts: budget }));
    expect(sleeping(scripted), 'v4 fails, and nobody knows what it cost').to.deep.equal([
      'v5',
      'v6',
    ]);
    await scripted.kernel.run(foreverPolicy({ restarts: { vats: 10, computrons: 100n } }));
    expect(sleeping(scripted)).to.deep.equal(['v6']);
  });

  it('are forgotten when the last one has started, in a crank of its own', async () => {
    const scripted = await start();
    const { state } = scripted.parts.lifecycle;
    expect(state.platformEpochs.rolling()).to.deep.equal({ total: 4 });
    const four = () => scripted.kernel.run(foreverPolicy({ restarts: { vats: 4 } }));
    await four();
    expect(sleeping(scripted)).to.deep.equal([]);
    expect(scripted.kernel.getStatus().rolling).to.deep.equal({
      epoch: 2,
      total: 4,
      sleeping: 0,
      runsLeft: 0,
    });
    const before = state.crankNumber;
    expect(await four()).to.equal(0);
    expect(state.crankNumber).to.equal(before + 1);
    expect(scripted.kernel.getStatus().rolling).to.equal(undefined);
    await four();
    expect(state.crankNumber).to.equal(before + 1);
    const types = scripted.slog.map(({ type }) => type);
    expect(types.filter(type => type === 'epoch-rolling')).to.have.length(4);
    expect(types.filter(type => type === 'epoch-rolling-finish')).to.have.length(1);
  });

  it('are forecast at the pace of the runs since the boot', async () => {
    const scripted = await start();
    const left = () => scripted.kernel.getStatus().rolling?.runsLeft;
    expect(left()).to.equal(undefined);
    await scripted.kernel.run(foreverPolicy({ restarts: { vats: 0 } }));
    expect(left()).to.equal(undefined);
    await scripted.kernel.run();
    expect(left(), 'three left, at one in two runs').to.equal(6);
    await scripted.kernel.run();
    expect(left(), 'two left, at two in three runs').to.equal(3);
  });

  it('are named to those who start vats ahead, before a run and after each start', async () => {
    const scripted = await start();
    const { lifecycle, cranks } = scripted.parts;
    const named: string[] = [];
    const turns = makeSleepers(lifecycle, cranks, vatIDs => void named.push(vatIDs.join(' ')));
    const run = turns.beginRun();
    expect(await run.startNext(foreverPolicy({ restarts: { vats: 1 } }))).to.equal(true);
    expect(named).to.deep.equal(['v3 v4 v5 v6', 'v4 v5 v6']);
  });

  it('are passed over if something else woke them, and are looked for again if some fell asleep', async () => {
    const scripted = await start();
    const { lifecycle, cranks } = scripted.parts;
    const { state } = lifecycle;
    const run = makeSleepers(lifecycle, cranks).beginRun();
    const many = foreverPolicy({ restarts: { vats: 10 } });
    await run.startNext(many);
    state.atomically(() => changeService(state, v4, { type: 'started' }));
    scripted.told.length = 0;
    await run.startNext(many);
    await run.startNext(many);
    expect(scripted.told).to.deep.equal(['v5.1 startVat', 'v6.1 startVat']);
    state.atomically(() => changeService(state, v4, { type: 'sleep', onFailure: 'suspend' }));
    expect(await run.startNext(many), 'v4 waits for the next run').to.equal(false);
    expect(state.platformEpochs.rolling()).to.deep.equal({ total: 4 });
  });

  it('have no turns after a restart in another mode', async () => {
    const scripted = await start();
    await scripted.boot({ platformEpoch: 3, platformRestart: { mode: 'lazy' } });
    await scripted.kernel.run();
    expect(sleeping(scripted)).to.deep.equal(['v3', 'v4', 'v5', 'v6']);
    expect(scripted.kernel.getStatus().rolling).to.equal(undefined);
    await scripted.boot({ platformEpoch: 4 });
    expect(sleeping(scripted)).to.deep.equal([]);
  });
});

describe('a budget of restarts', () => {
  it('is refused if it makes no sense, with its field and value', () => {
    expect(() => foreverPolicy({ restarts: { vats: -1 } })).to.throw(
      'restarts.vats: expected a number of vats, got -1',
    );
    expect(() => foreverPolicy({ restarts: { computrons: 5 as unknown as bigint } })).to.throw(
      'restarts.computrons: expected a bigint, 0n or more, got 5',
    );
    expect(() => foreverPolicy({ restarts: 3 as unknown as object })).to.throw(
      'restarts: expected an object with vats or computrons, got 3',
    );
    expect(foreverPolicy({ restarts: null }).allowRestart?.()).to.equal(true);
    expect(() => foreverPolicy({ restarts: { vat: 2 } as object })).to.throw(
      'options.vat: expected one of vats, computrons, got 2',
    );
  });
});
