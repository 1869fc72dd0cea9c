import { expect } from 'chai';
import { judge, linesOf } from '../../bench/harness/lines.js';
import { commonActivityhash, DIFFERENT } from '../../bench/harness/run-job.js';
import { formatDifferent, formatLines } from '../../bench/harness/table.js';
import type { Goal, Row } from '../../bench/harness/types.js';
import { summarize } from '../../bench/harness/statistics.js';

const isMet = (goal: Goal, medians: Parameters<typeof judge>[2]): boolean | undefined =>
  judge(goal, 'ms', medians).isMet;

describe('lines of the bench', () => {
  it('have the activityhash in which all rounds ended, and show that they did not', () => {
    const outcome = (activityhash?: string) => ({
      sample: {},
      ...(activityhash && { activityhash }),
    });
    expect(commonActivityhash([outcome('a'), outcome('a')])).to.equal('a');
    expect(commonActivityhash([outcome()])).to.equal(undefined);
    expect(commonActivityhash([outcome('a'), outcome('b')])).to.equal(DIFFERENT);
    const line = { row: 'wake', key: 'wall', title: '', unit: 'ms' } as const;
    expect(formatDifferent([{ ...line, activityhash: 'a' }])).to.equal('');
    expect(formatDifferent([{ ...line, activityhash: DIFFERENT }])).to.match(/round: wake$/);
  });

  it('say whether a goal is met, at its very edge too', () => {
    expect(isMet({ peerDividedBy: 3 }, { peer: 9, here: 3 })).to.equal(true);
    expect(isMet({ peerDividedBy: 3 }, { peer: 9, here: 3.1 })).to.equal(false);
    expect(isMet({ timesPeer: 0.6 }, { peer: 10, here: 6 })).to.equal(true);
    expect(isMet({ timesPeer: 0.6 }, { peer: 10, here: 6.1 })).to.equal(false);
    expect(isMet({ timesLimit: 1.3 }, { here: 130, limit: 100 })).to.equal(true);
    expect(isMet({ timesLimit: 1.3 }, { here: 131, limit: 100 })).to.equal(false);
    expect(isMet({ aboveLimit: 0.5 }, { here: 1.5, limit: 1 })).to.equal(true);
    expect(isMet({ aboveLimit: 0.5 }, { here: 1.6, limit: 1 })).to.equal(false);
    expect(isMet({ atMost: 300 }, { here: 300 })).to.equal(true);
    expect(isMet({ atMost: 300 }, { here: 301 })).to.equal(false);
  });

  it('leave a goal open while a figure is missing', () => {
    expect(isMet({ peerDividedBy: 3 }, { here: 3 })).to.equal(undefined);
    expect(isMet({ timesLimit: 1.3 }, { peer: 9, here: 3 })).to.equal(undefined);
  });

  it('compare the medians, and leave out figures that nobody has', () => {
    const row: Row = {
      name: 'row',
      lines: {
        wall: { title: 'a crank', unit: 'ms', goal: { peerDividedBy: 3 } },
        size: { title: 'a store', unit: 'MB' },
      },
      measure: async () => ({}),
      limit: { title: 'bare worker', measure: async () => ({}) },
    };
    const [line, ...others] = linesOf(row, {
      figures: {
        peer: { wall: summarize([8, 6, 7]) },
        here: { wall: summarize([2, 4, 3]) },
        limit: { wall: summarize([1.5]) },
      },
      activityhash: 'abc',
    });
    expect(others).to.deep.equal([]);
    expect(line).to.deep.include({ peer: 7, here: 3, limit: 1.5, overLimit: 2, isMet: false });
    expect(line?.activityhash).to.equal('abc');
    expect(line?.ratio).to.be.closeTo(2.33, 0.01);
    expect(line?.spread).to.be.closeTo(33.3, 0.1);
    const text = formatLines(line ? [line] : []);
    expect(text.split('\n')[2]?.split(/ {2,}/)).to.deep.equal([
      ...['a crank', '7.00 ms', '3.00 ms', '2.33 x', '1.50 ms bare worker', '2.00 x', '±33 %'],
      'peer / 3: missed',
    ]);
  });
});
