import { expect } from 'chai';
import { makePromiseKit } from '@endo/promise-kit';
import { makeVatID, type VatID } from '../../lib/types/ids.js';
import { makeOnlineVats } from '../../lib/workers/online-vats.js';
import type { Worker } from '../../lib/workers/types.js';
import { failureOf } from '../support/failure.js';

const [a, b, c] = [makeVatID(1), makeVatID(2), makeVatID(3)];

/** Workers that only remember their end. */
const makeYard = () => {
  const ended: Worker[] = [];
  const makeWorker = async (): Promise<Worker> => {
    const worker: Worker = {
      deliver: async () => ['ok', null, null],
      shutdown: async () => {
        ended.push(worker);
      },
    };
    return worker;
  };
  return { ended, makeWorker };
};

describe('online vats', () => {
  it('never set aside a vat in use, even if that makes them too many', async () => {
    const { ended, makeWorker } = makeYard();
    const evicted: VatID[] = [];
    const online = makeOnlineVats(1, vatID => evicted.push(vatID));
    const done = makePromiseKit<void>();
    const using = online.using(a, makeWorker, () => done.promise);
    await online.get(b, makeWorker);
    expect(online.size).to.equal(2);
    expect(evicted).to.deep.equal([]);
    done.resolve();
    await using;
    await online.get(c, makeWorker);
    expect(evicted).to.deep.equal([a, b]);
    expect(online.size).to.equal(1);
    expect(ended).to.have.length(2);
  });

  it('start a vat once, however many ask for it meanwhile', async () => {
    const { makeWorker } = makeYard();
    const online = makeOnlineVats(5, () => {});
    let starts = 0;
    const start = async (): Promise<Worker> => {
      starts += 1;
      return makeWorker();
    };
    const [first, second] = await Promise.all([online.get(a, start), online.get(a, start)]);
    expect(second).to.equal(first);
    expect(starts).to.equal(1);
  });

  it('forget a vat that could not be started, or whose use failed', async () => {
    const { ended, makeWorker } = makeYard();
    const online = makeOnlineVats(5, () => {});
    const refusal = Error('not today');
    expect(
      await failureOf(
        online.get(a, async () => {
          throw refusal;
        }),
      ),
    ).to.equal(refusal);
    expect(online.has(a)).to.equal(false);
    const worker = await online.get(a, makeWorker);
    expect(
      await failureOf(
        online.using(a, makeWorker, async () => {
          throw refusal;
        }),
      ),
    ).to.equal(refusal);
    expect(online.has(a)).to.equal(false);
    expect(ended).to.deep.equal([worker]);
  });
});
