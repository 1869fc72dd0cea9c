import { expect } from 'chai';
import type { VatDelivery } from '../../lib/types/messages.js';
import { failureOf } from '../support/failure.js';
import { bringOutYourDead, call, startVat, useFixtures, v1, vref } from './support/fixture.js';
import { openStore } from './support/store.js';

const callWith = (method: string, slot: string): VatDelivery => [
  'message',
  vref('o+0'),
  {
    methargs: { body: `#["${method}",["$0.Alleged: thing"]]`, slots: [vref(slot)] },
    result: vref('p-60'),
  },
];

describe('a local vat', () => {
  const makeFixture = useFixtures();

  it('runs on liveslots without metering, and keeps durable objects over incarnations', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, kernelOf, warehouse, transcript } = await makeFixture({
      kernelStorage,
    });
    await addVat({ bundle: 'collector', worker: 'local' });
    expect(await deliver(startVat())).to.deep.equal(['ok', null, null]);
    await deliver(call('write', ['today', 'rain']));
    expect(await deliver(bringOutYourDead)).to.deep.equal(['ok', null, null]);
    expect(JSON.parse(transcript().at(-1) ?? '')).to.have.deep.property('r', { status: 'ok' });
    await warehouse.endIncarnation(v1);
    await warehouse.startIncarnation(v1);
    await deliver(startVat());
    await deliver(call('read', ['today']));
    expect(kernelOf().resolution()).to.equal('rain');
  });

  it('drops what it does not hold any more', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, kernelOf } = await makeFixture({ kernelStorage });
    await addVat({ bundle: 'collector', worker: 'local' });
    const dropped = () =>
      kernelOf().syscalls.flatMap(syscall => (syscall[0] === 'dropImports' ? syscall[1] : []));
    await deliver(startVat());
    await deliver(callWith('hold', 'o-50'));
    await deliver(call('greet'));
    await deliver(bringOutYourDead);
    expect(kernelOf().syscalls.find(([type]) => type === 'send')).to.include('o-50');
    expect(dropped()).to.deep.equal([]);
    await deliver(call('release'));
    await deliver(bringOutYourDead);
    expect(dropped()).to.deep.equal(['o-50']);
  });

  it('fails when it throws at its start what has no text', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver } = await makeFixture({ kernelStorage });
    await addVat({ bundle: 'exhauster', worker: 'local' });
    expect(await deliver(startVat({ sulk: true }))).to.deep.equal([
      'error',
      'an error that has no text',
      null,
    ]);
  });

  it('has a console and a test log', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, printed, testLog } = await makeFixture({ kernelStorage });
    await addVat({ worker: 'local' });
    await deliver(startVat());
    await deliver(call('say', [{ long: 'x'.repeat(50), big: 3n }]));
    expect(printed).to.deep.equal([['saying', { long: 'x'.repeat(50), big: 3n }]]);
    const shortened = `${'x'.repeat(15)}...${'x'.repeat(15)}`;
    await deliver(call('say', [undefined]));
    expect(testLog).to.deep.equal([`said{"big":3,"long":"${shortened}"}`, 'said']);
  });

  it('fails its first delivery if its code fails', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver } = await makeFixture({ kernelStorage });
    await addVat({ bundle: 'broken', worker: 'local' });
    expect(await deliver(startVat())).to.deep.equal([
      'error',
      'Error: this vat never starts',
      null,
    ]);
  });

  it('stops where the kernel fails in the midst of a syscall', async () => {
    const { kernelStorage } = openStore();
    const { warehouse, addVat } = await makeFixture({ kernelStorage });
    await addVat({ worker: 'local' });
    const panic = Error('the kernel has a bug');
    const failure = await failureOf(
      warehouse.deliver(v1, startVat(), () => {
        throw panic;
      }),
    );
    expect(failure).to.equal(panic);
    expect(warehouse.isOnline(v1)).to.equal(false);
  });
});

describe('a setup vat', () => {
  const makeFixture = useFixtures();
  const options = { enableSetup: true, useTranscript: false };

  it('takes deliveries itself', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, kernelOf, testLog } = await makeFixture({ kernelStorage });
    await addVat({ bundle: 'setup', worker: 'local', options });
    expect(await deliver(startVat())).to.deep.equal(['ok', null, null]);
    await deliver(call('anything'));
    expect(kernelOf().resolution()).to.deep.equal(['yes', 2]);
    expect(testLog).to.deep.equal(['v1 startVat 1', 'v1 message 2']);
  });

  it('without a transcript records nothing, and starts over from its vatstore', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, kernelOf, warehouse, transcript } = await makeFixture({
      kernelStorage,
    });
    await addVat({ bundle: 'setup', worker: 'local', options });
    await warehouse.startIncarnation(v1);
    await deliver(startVat());
    expect(transcript()).to.deep.equal([]);
    await warehouse.stopWorker(v1);
    await warehouse.preload([v1]);
    await deliver(call('anything'));
    expect(kernelOf().resolution()).to.deep.equal(['yes', 1]);
    expect(await warehouse.endIncarnation(v1)).to.equal(1);
    expect(await warehouse.endIncarnation(v1)).to.equal(2);
  });

  it('may fail a delivery', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver } = await makeFixture({ kernelStorage });
    await addVat({ bundle: 'setup', worker: 'local', options });
    await deliver(startVat());
    expect(await deliver(call('fail'))).to.deep.equal(['error', 'Error: failing as yes', null]);
  });

  it('that can not be set up fails its first delivery', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, warehouse } = await makeFixture({ kernelStorage });
    await addVat({ bundle: 'unsettling', worker: 'local', options });
    await warehouse.startIncarnation(v1);
    expect(await deliver(startVat())).to.deep.equal(['error', 'Error: no setup today', null]);
  });

  it('must have a setup function', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver } = await makeFixture({ kernelStorage });
    await addVat({ worker: 'local', options: { enableSetup: true } });
    expect(await deliver(startVat({ start: 5 }))).to.deep.equal([
      'error',
      'Error: vat source bundle lacks (default) setup() function',
      null,
    ]);
  });
});
