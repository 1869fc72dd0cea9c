import { expect } from 'chai';
import { parseMeterID } from '../../lib/types/ids.js';
import { call, startVat, useFixtures, v1 } from './support/fixture.js';
import { makeWatchedPowers } from './support/processes.js';
import { openStore } from './support/store.js';

describe('a fault of a vat', () => {
  const makeFixture = useFixtures();

  const exhaust = async (method: string) => {
    const { kernelStorage } = openStore();
    const { powers, running } = makeWatchedPowers();
    const fixture = await makeFixture({ kernelStorage, powers });
    await fixture.addVat({
      bundle: 'exhauster',
      options: { meterID: parseMeterID('m1') },
    });
    await fixture.deliver(startVat());
    const result = await fixture.deliver(call(method));
    expect(running()).to.have.length(0);
    expect(fixture.warehouse.isOnline(v1)).to.equal(false);
    expect(fixture.transcript()).to.have.length(3);
    expect(JSON.parse(fixture.transcript().at(-1) ?? '')).to.have.deep.property('r', {
      status: 'error',
    });
    return result;
  };

  it('is computing too long', async () => {
    expect(await exhaust('compute')).to.deep.equal(['error', 'Compute meter exceeded', null]);
  });

  it('is calling too deeply', async () => {
    expect(await exhaust('stack')).to.deep.equal(['error', 'Stack meter exceeded', null]);
    expect(await exhaust('nativeStack')).to.deep.equal(['error', 'Stack meter exceeded', null]);
  });

  it('is keeping too much', async () => {
    expect(await exhaust('heap')).to.deep.equal(['error', 'Allocate meter exceeded', null]);
  });

  it('is saying too much at once', async () => {
    expect(await exhaust('oversize')).to.deep.equal([
      'error',
      'Message to the kernel too large',
      null,
    ]);
  });

  it('leaves the vat usable once the crank was undone', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, warehouse } = await makeFixture({ kernelStorage });
    await addVat({ bundle: 'exhauster', options: { meterID: parseMeterID('m1') } });
    await deliver(startVat());
    kernelStorage.startCrank();
    kernelStorage.establishCrankSavepoint('deliver');
    expect(await deliver(call('compute'))).to.have.property('0', 'error');
    kernelStorage.rollbackCrank('deliver');
    kernelStorage.endCrank();
    await warehouse.resetWorker(v1);
    expect(await deliver(call('noop'))).to.have.property('0', 'ok');
  });
});
