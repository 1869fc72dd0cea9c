import { expect } from 'chai';
import { brief, isShortName } from '../../lib/vats/brief.js';
import { checkCreateVatOptions } from '../../lib/vats/vat-admin/create-vat-options.js';
import { makeTimes } from '../../lib/vats/timer/time.js';
import { CommsMachine, ref } from './support/comms-machine.js';

const long = 'x'.repeat(100_001);

describe('what system vats quote', () => {
  it('is short, or the beginning of it', () => {
    expect(brief('x'.repeat(300))).to.equal('x'.repeat(300));
    expect(brief(long)).to.equal(`${'x'.repeat(300)}…`);
    expect([isShortName('x'.repeat(1000)), isShortName('x'.repeat(1001))]).to.deep.equal([
      true,
      false,
    ]);
  });

  it('of a time is short: the names in a record, and a brand', () => {
    const { readTimestamp, readRelativeTime } = makeTimes({});
    for (const bad of [{ [long]: 1 }, { absValue: 1n, timerBrand: long }, { relValue: long }]) {
      for (const read of [readTimestamp, readRelativeTime]) {
        expect(() => read(bad)).to.throw(/^.{10,500}$/);
      }
    }
  });

  it('of an option for a new vat is short', () => {
    const ports = { isCriticalVatKey: () => false, meterIDOf: () => '' };
    for (const bad of [
      { name: long },
      { [long]: 1 },
      { managerType: long },
      { reapInterval: long },
    ]) {
      expect(() => checkCreateVatOptions(bad, ports)).to.throw(/^CreateVatOptions.{10,500}$/);
    }
  });

  it('of a name is short, and comms keeps no long name', () => {
    const machine = new CommsMachine().start().connect();
    const complaints = [
      machine.message('o+0', 'addRemote', [long, ref('o-52'), ref('o-53')], 'p-70'),
      machine.message('o+0', 'addEgress', ['y'.repeat(999), 1, ref('o-60')], 'p-71'),
      machine.message('o+0', 'addIngress', ['b', 1, long], 'p-72'),
    ].map(calls => JSON.stringify(calls));
    expect(complaints[0]).to.contain('the name of a remote is too long');
    expect(complaints[1]).to.match(/unknown remote name .*y…/);
    expect(complaints[2]).to.contain('is too long');
    for (const { length } of complaints) expect(length).to.be.lessThan(1000);
  });
});
