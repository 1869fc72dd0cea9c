import { expect } from 'chai';
import { isSnapshotDue } from '../../lib/workers/snapshot-schedule.js';

const span = (startPos: number, endPos: number) => ({
  startPos,
  endPos,
  hash: '',
  incarnation: 0,
});

describe('the snapshot schedule', () => {
  const schedule = { snapshotInitial: 3, snapshotInterval: 200 };

  it('asks for the first snapshot of an incarnation early', () => {
    expect(isSnapshotDue(schedule, span(10, 12), false)).to.equal(false);
    expect(isSnapshotDue(schedule, span(10, 13), false)).to.equal(true);
    expect(isSnapshotDue(schedule, span(10, 13), true)).to.equal(false);
  });

  it('asks for later ones at the interval', () => {
    expect(isSnapshotDue(schedule, span(10, 209), true)).to.equal(false);
    expect(isSnapshotDue(schedule, span(10, 210), true)).to.equal(true);
  });

  it('asks at the interval after one that could not be written, in the same span', () => {
    expect(isSnapshotDue(schedule, span(10, 212), false, 13)).to.equal(false);
    expect(isSnapshotDue(schedule, span(10, 213), false, 13)).to.equal(true);
    expect(isSnapshotDue(schedule, span(10, 13), false, 9)).to.equal(true);
  });

  it('may ask for none', () => {
    const never = { snapshotInitial: 3, snapshotInterval: 'never' } as const;
    expect(isSnapshotDue(never, span(0, 1000), false)).to.equal(false);
    expect(isSnapshotDue(never, span(0, 1000), true)).to.equal(false);
  });
});
