import { expect } from 'chai';
import { parseVatID } from '../../lib/types/ids.js';
import { makeAheadWorkers } from '../../lib/workers/ahead-workers.js';
import type { VatRecord } from '../../lib/workers/types.js';

const vatID = parseVatID('v1');
const quiet = () => undefined;

/** As far as the workers look at it. */
const recordOf = (bundleID: string, more: object = {}): VatRecord =>
  ({ vatID, name: 'vat', source: { bundleID }, options: {}, limits: {}, ...more }) as VatRecord;

const makeWorkers = () => {
  const ended: string[] = [];
  const workers = makeAheadWorkers(
    { slog: quiet, console: { log: quiet, warn: quiet, error: quiet } },
    async ({ source: { bundleID } }) => ({
      deliver: async () => ['ok', null, null],
      shutdown: async () => void ended.push(bundleID),
    }),
  );
  const runAhead = (record: VatRecord, incarnation: number) =>
    workers.run(vatID, async () => void (await workers.startFresh(record, incarnation)));
  return { workers, ended, runAhead };
};

describe('workers that run ahead, until their turns', () => {
  it('go to the warehouse, which then ends them', async () => {
    const { workers, ended, runAhead } = makeWorkers();
    await runAhead(recordOf('old'), 1);
    const worker = await workers.take(recordOf('old'), 1);
    await workers.withdrawAll();
    expect(ended).to.deep.equal([]);
    await worker?.shutdown();
    expect(ended).to.deep.equal(['old']);
  });

  it('end if the vat has got other code, options or limits since, or a new incarnation', async () => {
    const others: readonly (readonly [string, VatRecord, number])[] = [
      // An upgrade of a sleeping vat stays with the incarnation that has not begun.
      ['other code', recordOf('new'), 1],
      ['other options', recordOf('old', { options: { critical: true } }), 1],
      ['another limit', recordOf('old', { limits: { delivery: 5 } }), 1],
      ['the next incarnation', recordOf('old'), 2],
    ];
    for (const [what, record, incarnation] of others) {
      const { workers, ended, runAhead } = makeWorkers();
      await runAhead(recordOf('old'), 1);
      expect(await workers.take(record, incarnation), what).to.equal(undefined);
      expect(ended, what).to.deep.equal(['old']);
    }
  });
});
