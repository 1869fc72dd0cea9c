import { expect } from 'chai';
import { mergeResults } from '../../bench/harness/results.js';

interface Result {
  readonly name: string;
  readonly value: number;
}

const naming = { nameOf: ({ name }: Result) => name, order: ['a', 'b', 'c'] };

describe('results of benches', () => {
  it('take the place of older ones under the same conditions', () => {
    const conditions = { revision: 'abc', rounds: 5 };
    const older = {
      conditions,
      results: [
        { name: 'a', value: 1 },
        { name: 'c', value: 1 },
      ],
    };
    const newer = {
      conditions,
      results: [
        { name: 'b', value: 2 },
        { name: 'a', value: 2 },
      ],
    };
    expect(mergeResults<Result>(older, newer, naming)).to.deep.equal({
      conditions,
      results: [
        { name: 'a', value: 2 },
        { name: 'b', value: 2 },
        { name: 'c', value: 1 },
      ],
    });
  });

  it('stand alone under other conditions', () => {
    const older = { conditions: { revision: 'abc' }, results: [{ name: 'a', value: 1 }] };
    const newer = { conditions: { revision: 'def' }, results: [{ name: 'b', value: 2 }] };
    expect(mergeResults<Result>(older, newer, naming)).to.equal(newer);
    expect(mergeResults<Result>(undefined, newer, naming)).to.equal(newer);
  });
});
