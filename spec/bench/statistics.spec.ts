import { expect } from 'chai';
import { median, summarizeAll } from '../../bench/harness/statistics.js';

describe('statistics of benches', () => {
  it('take the middle value, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).to.equal(5);
    expect(median([4, 1, 9, 2])).to.equal(3);
    expect(() => median([])).to.throw('no values');
  });

  it('summarize each key over the samples that have it', () => {
    expect(summarizeAll([{ wall: 3 }, { wall: 1, cpu: 7 }, { wall: 2 }])).to.deep.equal({
      wall: { median: 2, least: 1, most: 3, samples: 3 },
      cpu: { median: 7, least: 7, most: 7, samples: 1 },
    });
  });
});
