import { expect } from 'chai';
import { makeNodeWorkerPowers } from '../../lib/platform/node-powers.js';
import type { WorkerPowers } from '../../lib/platform/xsnap-process.js';
import type { KernelStorage } from '../../lib/store/types.js';
import { makeVatID } from '../../lib/types/ids.js';
import { AnachrophobiaError } from '../../lib/workers/errors.js';
import type { WarehousePolicy } from '../../lib/workers/types.js';
import { failureOf } from '../support/failure.js';
import { until } from '../support/processes.js';
import { withAlteredTranscript } from './support/altered-transcript.js';
import {
  bringOutYourDead,
  call,
  startVat,
  useFixtures,
  v1,
  type Fixture,
} from './support/fixture.js';
import { makeGate } from './support/gate.js';
import { openStore } from './support/store.js';

const [a, b, c] = [makeVatID(1), makeVatID(2), makeVatID(3)];
const vatIDs = [a, b, c];

const typesOf = ({ slog }: Fixture): string[] => slog.map(({ type }) => type);
const isFinished = (fixture: Fixture) => () => typesOf(fixture).includes('preload-finish');
const finishOf = ({ slog }: Fixture) => slog.find(({ type }) => type === 'preload-finish');

interface Opening {
  readonly policy: WarehousePolicy;
  readonly worker?: 'image' | 'local';
  readonly powers?: WorkerPowers;
}

describe('preloading in the background', () => {
  const makeFixture = useFixtures();

  const open = async (
    kernelStorage: KernelStorage,
    { policy, worker = 'image', powers }: Opening,
  ): Promise<Fixture> => {
    const fixture = await makeFixture({ kernelStorage, policy, ...(powers && { powers }) });
    for (const vatID of vatIDs) await fixture.addVat({ vatID, worker });
    return fixture;
  };

  /** Three vats that remember two things, the first one in their snapshot. */
  const makeVats = async (kernelStorage: KernelStorage, worker?: 'local'): Promise<void> => {
    const { deliver, warehouse } = await open(kernelStorage, {
      policy: {},
      ...(worker && { worker }),
    });
    for (const vatID of vatIDs) {
      await deliver(startVat(), vatID);
      await deliver(call('remember', [1]), vatID);
      await deliver(bringOutYourDead, vatID);
      await warehouse.saveSnapshot(vatID);
      await deliver(call('remember', [1]), vatID);
    }
    await warehouse.shutdown();
  };

  const countOf = async ({ deliver, kernelOf }: Fixture, vatID = v1) => {
    await deliver(call('remember', [1]), vatID);
    return kernelOf(vatID).resolution();
  };

  it('returns at once; a delivery waits for its own vat alone, ahead of those that wait', async () => {
    const { kernelStorage } = openStore();
    await makeVats(kernelStorage);
    const gate = makeGate('v1:counter');
    const fixture = await open(kernelStorage, {
      policy: { preload: 'background', preloadConcurrency: 1 },
      powers: { ...makeNodeWorkerPowers(), spawn: gate.spawn },
    });
    const { warehouse } = fixture;
    await warehouse.preload(vatIDs);
    // The first load does not get on, and nothing else is to begin beside it.
    expect(gate.stopped).to.have.length(1);
    expect(fixture.slog).to.deep.include({ type: 'vat-startup-start', vatID: a });
    expect(await countOf(fixture, c)).to.equal(3);
    expect(vatIDs.map(vatID => warehouse.isOnline(vatID))).to.deep.equal([false, false, true]);

    const waits = countOf(fixture, a);
    gate.open();
    expect(await waits).to.equal(3);
    await until(isFinished(fixture));
    expect(finishOf(fixture)).to.deep.equal({ type: 'preload-finish', loaded: 2, failed: 0 });
    expect(gate.stopped, 'the load under way was waited for').to.have.length(1);
    expect(vatIDs.map(vatID => warehouse.isOnline(vatID))).to.deep.equal([true, true, true]);
    expect(await countOf(fixture, b)).to.equal(3);
  });

  it('warns of a replay that differs, and leaves the error to the next delivery', async () => {
    const { kernelStorage } = openStore();
    await makeVats(kernelStorage, 'local');
    const altered = withAlteredTranscript(kernelStorage, (entry, index) =>
      index === 1 ? { ...entry, r: { status: 'error' } } : entry,
    );
    const fixture = await open(altered, { worker: 'local', policy: { preload: 'background' } });
    await fixture.warehouse.preload([a]);
    await until(isFinished(fixture));
    expect(finishOf(fixture)).to.include({ loaded: 0, failed: 1 });
    expect(fixture.printed.join()).to.match(/v1 could not be loaded in the background.*status/);
    expect(fixture.slog.find(({ type }) => type === 'vat-preload-failed')).to.include({ vatID: a });
    const failure = await failureOf(fixture.deliver(call('remember', [1]), a));
    expect(failure).to.be.instanceOf(AnachrophobiaError).that.includes({ vatID: a });
  });

  it('takes nothing from a load that read what a crank wrote before it was undone', async () => {
    const { kernelStorage } = openStore();
    await makeVats(kernelStorage);
    const before = await open(kernelStorage, { policy: {} });
    const fixture = await open(kernelStorage, { policy: { preload: 'background' } });
    const gate = makeGate('v1:counter');
    const gated = await open(kernelStorage, {
      policy: { preload: 'background' },
      powers: { ...makeNodeWorkerPowers(), spawn: gate.spawn },
    });
    kernelStorage.startCrank();
    kernelStorage.establishCrankSavepoint('start');
    await before.deliver(call('remember', [1]), a);
    await fixture.warehouse.preload([a]);
    await gated.warehouse.preload([a]);
    await until(isFinished(fixture));
    kernelStorage.rollbackCrank('start');
    kernelStorage.endCrank();
    expect(fixture.warehouse.isOnline(a), 'is loaded').to.equal(true);
    expect(gated.warehouse.isOnline(a), 'is still being loaded').to.equal(false);
    kernelStorage.startCrank();
    kernelStorage.establishCrankSavepoint('start');
    expect(await countOf(fixture, a)).to.equal(3);
    kernelStorage.rollbackCrank('start');
    kernelStorage.endCrank();
    const waits = countOf(gated, a);
    expect(gate.stopped[0]?.killed, 'nobody waits for it').to.equal(true);
    gate.open();
    expect(await waits).to.equal(3);
  });

  it('keeps to the limit, and gives up what nobody has used yet', async () => {
    const { kernelStorage } = openStore();
    await makeVats(kernelStorage);
    const gate = makeGate('v2:counter');
    const fixture = await open(kernelStorage, {
      policy: { preload: 'background', preloadConcurrency: 2, maxVatsOnline: 2 },
      powers: { ...makeNodeWorkerPowers(), spawn: gate.spawn },
    });
    const { warehouse } = fixture;
    await warehouse.preload(vatIDs);
    expect(await countOf(fixture, a)).to.equal(3);
    // The second one is under way, so there is no room for the third.
    expect(await countOf(fixture, c)).to.equal(3);
    expect(gate.stopped[0]?.signalCode).to.equal('SIGKILL');
    expect(vatIDs.map(vatID => warehouse.isOnline(vatID))).to.deep.equal([true, false, true]);
    await until(isFinished(fixture));
    expect(finishOf(fixture)).to.include({ loaded: 1, failed: 0 });
    expect(fixture.slog.filter(({ type }) => type === 'vat-evict')).to.deep.equal([
      { type: 'vat-evict', vatID: b },
    ]);
  });

  it('ends without a word when the store is closed, and with the warehouse', async () => {
    const { kernelStorage, hostStorage } = openStore();
    await makeVats(kernelStorage);
    const gate = makeGate('v1:counter');
    const fixture = await open(kernelStorage, {
      policy: { preload: 'background', preloadConcurrency: 1 },
      powers: { ...makeNodeWorkerPowers(), spawn: gate.spawn },
    });
    await fixture.warehouse.preload(vatIDs);
    await hostStorage.close();
    gate.open();
    await until(isFinished(fixture));
    expect(finishOf(fixture)).to.include({ loaded: 1, failed: 0 });

    const { kernelStorage: other } = openStore();
    await makeVats(other);
    const second = makeGate('v1:counter', 'v2:counter');
    const stopped = await open(other, {
      policy: { preload: 'background', preloadConcurrency: 2 },
      powers: { ...makeNodeWorkerPowers(), spawn: second.spawn },
    });
    await stopped.warehouse.preload(vatIDs);
    await stopped.warehouse.shutdown();
    expect(second.stopped.map(({ signalCode }) => signalCode)).to.deep.equal([
      'SIGKILL',
      'SIGKILL',
    ]);
    expect([...fixture.printed, ...stopped.printed]).to.deep.equal([]);
  });
});
