import { expect } from 'chai';
import { readCases } from './cases.js';
import { fuzz } from './fuzz.js';
import { shrink } from './shrink.js';
import { Finding } from './oracle.js';
import { ACCEPTED, type Input, type Target } from './target.js';
import { targets } from './targets.js';

/** Mutants of each target, in the order of what one costs. */
const COUNTS: Readonly<Record<string, number>> = {
  'abci-frames': 1_000,
  capdata: 2_000,
  configuration: 12,
  http: 150,
  import: 40,
  ledger: 150,
  syscalls: 150,
  transactions: 60,
  'worker-protocol': 1_000,
};

describe('the fuzzers', () => {
  for (const target of targets) {
    it(`find nothing in ${target.what}`, async () => {
      const count = COUNTS[target.name]!;
      const cases = readCases(target.name);
      const { failures, outcomes } = await fuzz(target, { seed: 1, count, cases });
      expect(failures.map(({ problem, input }) => [problem, JSON.stringify(input)])).to.deep.equal(
        [],
      );
      // Mutants that are all refused at once, or all taken, would try nothing.
      expect(outcomes.get(ACCEPTED)).to.be.greaterThan(0);
      expect(outcomes.size).to.be.greaterThan(1);
    });
  }

  it('report what a target lets through, and make it small', async () => {
    const attempt = async (input: Input): Promise<string> => {
      if (JSON.stringify(input).includes('7')) throw new Finding('a seven');
      return ACCEPTED;
    };
    const target: Target = {
      name: 'sevens',
      what: 'nothing',
      words: ['7'],
      start: async () => ({
        corpus: [{ a: ['x', 1, 'y'], b: { c: [] } }],
        attempt,
        end: async () => undefined,
      }),
    };
    const options = { seed: 3, count: 500 };
    const { failures } = await fuzz(target, options);
    expect(failures.map(({ problem }) => problem)).to.deep.equal(['Finding: a seven']);
    const [{ input, execution } = { input: null, execution: 0 }] = failures;
    const least = await shrink(input, async each => JSON.stringify(each).includes('7'));
    expect(JSON.stringify(least)).to.include('7').and.to.have.lengthOf.below(20);
    expect((await fuzz(target, options)).failures[0]?.execution).to.equal(execution);
  });
});
