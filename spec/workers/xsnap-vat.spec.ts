import { expect } from 'chai';
import { OWN, STOCK } from '../../lib/platform/choices.js';
import { loadPlatform } from '../../lib/platform/load-platform.js';
import type { VatSyscallHandler } from '../../lib/types/messages.js';
import type { DeliveryEntry, TranscriptEntry } from '../../lib/workers/transcript.js';
import { openStore } from './support/store.js';
import { failureOf } from '../support/failure.js';
import { bringOutYourDead, call, startVat, useFixtures, v1, vref } from './support/fixture.js';
import { makeWatchedPowers } from './support/processes.js';
import { bundleLargeVat } from './support/vats.js';

const decode = (entry: string): TranscriptEntry => JSON.parse(entry) as TranscriptEntry;

describe('a vat on xsnap', () => {
  const makeFixture = useFixtures();

  it('takes deliveries and makes syscalls, all of which the transcript records', async () => {
    const { kernelStorage } = openStore();
    const { warehouse, addVat, deliver, kernelOf, transcript } = await makeFixture({
      kernelStorage,
    });
    const { source, options } = await addVat();
    await warehouse.startIncarnation(v1);
    const started = await deliver(startVat({ start: 5 }));
    expect(started[0]).to.equal('ok');
    expect(started[2]?.compute).to.be.greaterThan(1_000_000);
    const before = kernelOf().syscalls.length;
    const incremented = await deliver(call('increment'));
    expect(kernelOf().resolution()).to.deep.equal([1, 6]);
    expect(await deliver(bringOutYourDead)).to.have.property('0', 'ok');

    const entries = transcript();
    expect(entries[0]).to.equal(
      JSON.stringify({
        d: ['initialize-worker', { source, workerOptions: options.workerOptions }],
        sc: [],
        r: { status: 'ok' },
      }),
    );
    const [, , message] = entries.map(decode) as DeliveryEntry[];
    expect(message?.d).to.deep.equal(call('increment'));
    expect(message?.sc.map(({ s }) => s)).to.deep.equal(kernelOf().syscalls.slice(before));
    expect(message?.sc.at(-1)).to.deep.equal({
      s: ['resolve', [['p-60', false, { body: '#[1,6]', slots: [] }]]],
      r: ['ok', null],
    });
    expect(message?.r).to.deep.equal({
      status: 'ok',
      metering: { computrons: incremented[2]?.compute },
    });
    expect(entries.map(entry => decode(entry).d[0])).to.deep.equal([
      'initialize-worker',
      'startVat',
      'message',
      'bringOutYourDead',
    ]);
  });

  it('gives an error that the kernel answered to the code that made the syscall', async () => {
    const { kernelStorage } = openStore();
    const { warehouse, addVat, kernelOf } = await makeFixture({ kernelStorage });
    await addVat();
    const refuseSends: VatSyscallHandler = syscall =>
      syscall[0] === 'send' ? ['error', 'not today'] : kernelOf().handle(syscall);
    await warehouse.deliver(v1, startVat(), refuseSends);
    const result = await warehouse.deliver(
      v1,
      [
        'message',
        vref('o+0'),
        {
          methargs: { body: '#["send",["$0.Alleged: x"]]', slots: [vref('o-50')] },
          result: vref('p-60'),
        },
      ],
      refuseSends,
    );
    expect(result[0]).to.equal('ok');
    const recorded = decode([...kernelStorage.transcriptStore.readSpan(v1)].at(-1) ?? '');
    const send = (recorded as DeliveryEntry).sc.find(({ s }) => s[0] === 'send');
    expect(send?.r).to.deep.equal(['error', 'not today']);
  });

  it('prints on the console and in the slog, and logs for tests', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, printed, slog, testLog } = await makeFixture({ kernelStorage });
    await addVat();
    await deliver(startVat());
    await deliver(call('say', ['hello']));
    expect(printed).to.deep.equal([['saying', 'hello']]);
    expect(slog.filter(({ type }) => type === 'console')).to.deep.equal([
      { type: 'console', source: 'vat', vatID: v1, level: 'log', args: ['saying', 'hello'] },
    ]);
    expect(testLog).to.deep.equal(['saidhello']);
  });

  it('fails a delivery that liveslots refuses, and the record keeps neither its problem nor its cost', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, transcript, warehouse } = await makeFixture({ kernelStorage });
    await addVat({ bundle: 'broken' });
    const result = await deliver(startVat());
    expect(result.slice(0, 2)).to.deep.equal(['error', 'Error: this vat never starts']);
    expect(result[2]?.compute).to.be.greaterThan(10_000);
    expect(decode(transcript().at(-1) ?? '').r).to.deep.equal({ status: 'error' });
    expect(warehouse.isOnline(v1)).to.equal(false);
  });

  for (const [name, choice] of Object.entries({ stock: STOCK, own: OWN })) {
    // On ours, the second one comes with the answer to the delivery.
    for (const fatal of ['vatstoreGet', 'vatstoreSet']) {
      it(`stops where the kernel fails at ${fatal} (${name})`, async () => {
        const { kernelStorage } = openStore();
        const { powers, running } = makeWatchedPowers();
        const platform = await loadPlatform(choice);
        const { warehouse, addVat, transcript, kernelOf } = await makeFixture({
          ...{ kernelStorage, powers, platform },
        });
        await addVat();
        await warehouse.startIncarnation(v1);
        const panic = Error('the kernel has a bug');
        const failure = await failureOf(
          warehouse.deliver(v1, startVat(), syscall => {
            if (syscall[0] === fatal) throw panic;
            return kernelOf().handle(syscall);
          }),
        );
        expect(failure).to.equal(panic);
        expect(transcript()).to.have.length(1);
        expect(running()).to.have.length(0);
        expect(warehouse.isOnline(v1)).to.equal(false);
      });
    }
  }

  it('takes a bundle of 10 MB and more', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, kernelOf } = await makeFixture({ kernelStorage });
    const large = await bundleLargeVat(8, 1_000_000);
    expect(JSON.stringify(large.bundle).length).to.be.greaterThan(10_000_000);
    await addVat({ bundle: large });
    expect(await deliver(startVat())).to.have.property('0', 'ok');
    await deliver(call('length'));
    expect(kernelOf().resolution()).to.equal(8_000_000);
  });
});
