import { expect } from 'chai';
import { findGrowth, type Vitals } from './vitals.js';

const MEBIBYTE = 2 ** 20;
const flat: Vitals = {
  ...{ heap: 60 * MEBIBYTE, external: 5 * MEBIBYTE, resident: 200 * MEBIBYTE },
  ...{ workersResident: 40 * MEBIBYTE, workers: 2, files: 30 },
};
const samples = (change: (index: number) => Partial<Vitals>): Vitals[] =>
  Array.from({ length: 10 }, (_, index) => ({ ...flat, ...change(index) }));

describe('what a long run uses', () => {
  it('may vary a little, and more at first', () => {
    expect(findGrowth(samples(index => ({ heap: flat.heap + (index % 3) * MEBIBYTE })))).to.be
      .empty;
    expect(findGrowth(samples(index => (index === 0 ? { files: 25 } : {})))).to.be.empty;
  });

  it('must not rise: memory', () => {
    for (const what of ['heap', 'external', 'workersResident'] as const) {
      const rising = samples(index => ({ [what]: flat[what] + 2 * index * MEBIBYTE }));
      expect(findGrowth(rising)).to.have.length(1);
      expect(findGrowth(rising)[0]).to.match(new RegExp(`^${what} rose from`));
    }
  });

  it('must not rise: file descriptors and processes', () => {
    expect(findGrowth(samples(index => ({ files: 30 + index })))).to.deep.equal([
      'files rose from 32 to 38',
    ]);
    expect(findGrowth(samples(index => ({ workers: index })))).to.deep.equal([
      'workers rose from 2 to 8',
    ]);
    expect(findGrowth(samples(index => ({ files: 30 + (index % 2) })))).to.be.empty;
  });
});
