import { expect } from 'chai';
import type { KernelStorage } from '../../lib/store/types.js';
import { AnachrophobiaError } from '../../lib/workers/errors.js';
import type { DeliveryEntry } from '../../lib/workers/transcript.js';
import { failureOf } from '../support/failure.js';
import { withAlteredTranscript } from './support/altered-transcript.js';
import { bringOutYourDead, call, startVat, useFixtures, v1 } from './support/fixture.js';
import { openStore } from './support/store.js';

for (const worker of ['xsnap', 'image', 'local'] as const) {
  describe(`replay on ${worker}`, () => {
    const makeFixture = useFixtures();

    it('brings a vat to where it was, without asking the kernel', async () => {
      const { kernelStorage } = openStore();
      const { warehouse, addVat, deliver, kernelOf, transcript, slog } = await makeFixture({
        kernelStorage,
      });
      await addVat({ worker });
      await deliver(startVat({ start: 5 }));
      await deliver(call('increment'));
      await deliver(bringOutYourDead);
      const entries = transcript();
      const syscalls = kernelOf().syscalls.length;

      await warehouse.stopWorker(v1);
      expect(warehouse.isOnline(v1)).to.equal(false);
      await warehouse.preload([v1]);

      expect(warehouse.isOnline(v1)).to.equal(true);
      expect(kernelOf().syscalls).to.have.length(syscalls);
      expect(transcript()).to.deep.equal(entries);
      expect(slog.filter(({ type }) => type === 'replay-metering-difference')).to.deep.equal([]);
      await deliver(call('increment'));
      expect(kernelOf().resolution()).to.deep.equal([2, 7]);
    });
  });
}

describe('replay', () => {
  const makeFixture = useFixtures();

  const record = async (kernelStorage: KernelStorage): Promise<number> => {
    const { addVat, deliver, transcript } = await makeFixture({ kernelStorage });
    await addVat();
    await deliver(startVat({ start: 5 }));
    await deliver(call('increment'));
    return transcript().length;
  };

  const replayAltered = async (
    alter: (entry: DeliveryEntry, index: number) => DeliveryEntry,
  ): Promise<AnachrophobiaError> => {
    const { kernelStorage } = openStore();
    await record(kernelStorage);
    const { addVat, warehouse } = await makeFixture({
      kernelStorage: withAlteredTranscript(kernelStorage, alter),
    });
    await addVat();
    const failure = await failureOf(warehouse.preload([v1]));
    expect(failure).to.be.instanceOf(AnachrophobiaError).that.includes({
      code: 'ANACHROPHOBIA',
      vatID: v1,
      position: 2,
    });
    expect(warehouse.isOnline(v1)).to.equal(false);
    return failure as AnachrophobiaError;
  };

  it('stops at a syscall that differs, and says what was expected', async () => {
    const failure = await replayAltered((entry, index) => ({
      ...entry,
      sc:
        index !== 2
          ? entry.sc
          : (entry.sc.map(({ s, r }) => ({
              s: s[0] === 'resolve' ? ['resolve', [['p-60', false, { body: '#9', slots: [] }]]] : s,
              r,
            })) as never),
    }));
    expect(failure.expected).to.deep.equal([
      'resolve',
      [['p-60', false, { body: '#9', slots: [] }]],
    ]);
    expect(failure.actual).to.deep.equal([
      'resolve',
      [['p-60', false, { body: '#[1,6]', slots: [] }]],
    ]);
    expect(failure.delivery).to.deep.equal(call('increment'));
  });

  it('stops at a syscall that the record lacks', async () => {
    const failure = await replayAltered((entry, index) =>
      index === 2 ? { ...entry, sc: entry.sc.slice(0, -1) } : entry,
    );
    expect(failure.expected).to.equal(undefined);
    expect(failure.actual).to.have.property('0', 'resolve');
  });

  it('stops where a recorded syscall is missing', async () => {
    const failure = await replayAltered((entry, index) =>
      index === 2
        ? { ...entry, sc: [...entry.sc, { s: ['vatstoreDelete', 'x'], r: ['ok', null] }] }
        : entry,
    );
    expect(failure.expected).to.deep.equal(['vatstoreDelete', 'x']);
    expect(failure.actual).to.equal(undefined);
  });

  it('stops where a delivery ends otherwise', async () => {
    const failure = await replayAltered((entry, index) =>
      index === 2 ? { ...entry, r: { status: 'error' } } : entry,
    );
    expect(failure.expected).to.equal('error');
    expect(failure.actual).to.equal('ok');
  });

  it('reports other computrons and goes on', async () => {
    const { kernelStorage } = openStore();
    await record(kernelStorage);
    const { addVat, warehouse, slog } = await makeFixture({
      kernelStorage: withAlteredTranscript(kernelStorage, (entry, index) =>
        index === 2 ? { ...entry, r: { status: 'ok', metering: { computrons: 1 } } } : entry,
      ),
    });
    await addVat();
    await warehouse.preload([v1]);
    const differences = slog.filter(({ type }) => type === 'replay-metering-difference');
    expect(differences).to.have.length(1);
    expect(differences[0]).to.include({ vatID: v1, position: 2, recorded: 1 });
    expect(differences[0]?.replayed).to.be.greaterThan(1000);
  });

  it('keeps quiet on the console, not in the test log', async () => {
    const { kernelStorage } = openStore();
    const { warehouse, addVat, deliver, printed, testLog } = await makeFixture({ kernelStorage });
    await addVat();
    await deliver(startVat());
    await deliver(call('say', ['once']));
    await warehouse.stopWorker(v1);
    await warehouse.preload([v1]);
    expect(printed).to.deep.equal([['saying', 'once']]);
    expect(testLog).to.deep.equal(['saidonce', 'saidonce']);
  });

  it('does not begin an incarnation by preloading it', async () => {
    const { kernelStorage } = openStore();
    const { warehouse, addVat, transcript } = await makeFixture({ kernelStorage });
    await addVat();
    await warehouse.preload([v1]);
    expect(warehouse.onlineCount()).to.equal(0);
    expect(transcript()).to.deep.equal([]);
  });
});
