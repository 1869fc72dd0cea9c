import { expect } from 'chai';
import { judgeGrowth } from '../../bench/growth/judge.js';
import { summarize } from '../../bench/harness/statistics.js';
import { renderReport } from '../../bench/report/write-report.js';

const point = (at: number, ms: number) => ({ at, figures: { wall: summarize([ms]) } });

describe('the report of benches', () => {
  it('judges growth by the largest figure over the first', () => {
    expect(judgeGrowth([point(10, 1), point(100, 1.2), point(1000, 1.1)], 'wall')).to.deep.equal({
      factor: 1.2,
      isFlat: true,
    });
    expect(judgeGrowth([point(10, 1), point(100, 1.21)], 'wall')?.isFlat).to.equal(false);
    expect(judgeGrowth([point(10, 1)], 'cpu')).to.equal(undefined);
  });

  it('is one page without scripts or anything to load', () => {
    const conditions = { machine: 'a <fast> one', rounds: 5 };
    const page = renderReport({
      rows: {
        conditions,
        results: [
          {
            ...{ row: 'wake', key: 'wall', title: 'wake a vat & deliver', unit: 'ms' },
            ...{ peer: 300, here: 100, limit: 80, limitTitle: 'bare worker', ratio: 3 },
            ...{ overLimit: 1.25, goal: 'peer / 3', isMet: true },
          },
        ],
      },
      growth: {
        conditions,
        results: [
          {
            ...{ name: 'growth-vats', title: 'Cost by vats', axis: 'vats' },
            ...{ lines: { wall: 'per crank' }, flat: ['wall'] },
            points: [point(10, 1), point(10_000, 1.15)],
          },
        ],
      },
    });
    expect(page).to.match(/^<!doctype html>/);
    expect(page).not.to.match(/<script|<link|<img|src=|url\(|https?:/);
    expect(page).to.contain('wake a vat &amp; deliver');
    expect(page).to.contain('a &lt;fast&gt; one');
    expect(page).to.contain('<span class="met">met</span>');
    expect(page).to.contain('per crank, 10,000 vats: 1.15');
    expect(page).to.contain('npm run bench:real-vats');
    // A browser draws the parts as they are nested.
    const opened = [...page.matchAll(/<(svg|table|polyline|rect)\b/g)].map(([, tag]) => tag);
    expect(opened).to.include.members(['svg', 'table', 'polyline', 'rect']);
  });
});
