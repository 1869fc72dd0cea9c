import { expect } from 'chai';
import { compareModes } from './modes.js';
import { soak, untilCrank } from './soak.js';

const anotherMachine = { concurrency: 3, warehousePolicy: { maxVatsOnline: 4 } };

describe('some hundred random cranks, held against a model', () => {
  it('come to the same with the same seed on any machine, and to something else with another', async () => {
    const goesOn = untilCrank(300);
    const first = await soak({ seed: 1, goesOn, vats: 3 });
    const second = await soak({ seed: 1, goesOn, vats: 3, machine: anotherMachine });
    const other = await soak({ seed: 2, goesOn: untilCrank(100), vats: 3 });
    expect(first.cranks).to.be.within(300, 1200);
    expect(second).to.deep.equal(first);
    expect(other.activityhash).not.to.equal(first.activityhash);
  });

  it('deliver letters once and in order to vats that sleep, are suspended, upgraded and end', async () => {
    const { letters, counts, replays } = await soak({
      ...{ seed: 3, vats: 4, letters: 60, epochs: 15 },
      ...{ goesOn: state => state.letters < 150, replayEvery: 0, clearEvery: 10_000 },
    });
    expect(letters).to.be.at.least(150);
    expect(counts.get('post letters')).to.be.greaterThan(10);
    expect(replays.vats).to.be.greaterThan(1);
  });
});

describe('random schedules on three swingsets', () => {
  it('leave each vat in the same state after eager, lazy and rolling restarts', async () => {
    const { schedules, compared } = await compareModes({ seed: 1, schedules: 1 });
    expect(schedules).to.equal(1);
    expect(compared).to.be.greaterThan(0);
  });
});
