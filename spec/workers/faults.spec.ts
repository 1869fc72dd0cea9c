import { expect } from 'chai';
import { parseMeterID } from '../../lib/types/ids.js';
import { currentLimits, LIMIT_TABLES } from '../../lib/types/vat-limits.js';
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
    const { kernelStorage } = openStore();
    const { powers, running } = makeWatchedPowers();
    const fixture = await makeFixture({ kernelStorage, powers });
    await fixture.addVat({ bundle: 'exhauster' });
    expect(await fixture.deliver(startVat({ complain: 13_000_000 }))).to.deep.equal([
      'error',
      'Message to the kernel too large',
      null,
    ]);
    expect(running()).to.have.length(0);
  });

  it('is starting with an error that is nested, of which no depth tells one replica from another (issue 18)', async () => {
    for (const nest of [1, 2000]) {
      const { addVat, deliver } = await makeFixture({ kernelStorage: openStore().kernelStorage });
      await addVat({ bundle: 'exhauster', worker: 'xsnap' });
      const [status, problem] = await deliver(startVat({ nest }));
      expect([status, problem]).to.deep.equal(['error', 'a value that has no text: nested']);
    }
  });

  it('is not talking: of what no transcript holds, too much is left out', async () => {
    const { kernelStorage } = openStore();
    const fixture = await makeFixture({ kernelStorage });
    const limits = { ...currentLimits(LIMIT_TABLES), console: 20_000_000 };
    await fixture.addVat({ bundle: 'exhauster', limits, options: { meterID: parseMeterID('m1') } });
    await fixture.deliver(startVat());
    // With its frame each is 30 to 40 bytes longer: 12,000,000 is what the channel takes.
    expect(await fixture.deliver(call('talk', [5_900_000]))).to.have.property('0', 'ok');
    expect(fixture.printed.map(([line]) => String(line).length)).to.deep.equal([5_900_000, 13]);
    expect(fixture.testLog.map(line => line.length)).to.deep.equal([5_900_000]);
    expect(await fixture.deliver(call('talk', [30_000_000]))).to.have.property('0', 'ok');
    expect(fixture.printed.slice(2)).to.deep.equal([
      ['a line of 30000033 bytes is too long and left out'],
      ['that was long'],
    ]);
    expect(fixture.testLog.slice(1)).to.deep.equal([
      'a line of 30000014 bytes is too long and left out',
    ]);
    expect(await fixture.deliver(call('noop'))).to.have.property('0', 'ok');
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
    await warehouse.stopWorker(v1);
    expect(await deliver(call('noop'))).to.have.property('0', 'ok');
  });
});
