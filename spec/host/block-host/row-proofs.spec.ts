import { expect } from 'chai';
import { makeEndpoints } from '../../../lib/cli/chain/client/endpoints.js';
import type {
  BlockHeader,
  QueryAnswer,
  RpcClient,
} from '../../../lib/cli/chain/client/rpc-client.js';
import { RpcRefusalError } from '../../../lib/cli/chain/errors.js';
import { queryProven } from '../../../lib/cli/chain/query-proven.js';
import { rowKeyOf } from '../../../lib/host/block-host/queries/rows.js';
import { verifyRowProof } from '../../../lib/host/block-host/tree/row-proof.js';
import { alice, hex, json, makeBlock, makeChain, message, type Chain } from './support.js';

describe('proofs of rows of a chain', () => {
  let chain: Chain;
  before(async () => {
    chain = await makeChain();
    const set = { method: 'set', args: [['published.a', 'one']] };
    await chain.act(message('app', 'output', 'storage', set), message('app', 'add', 7));
  });

  const ask = (path: string) => {
    const {
      code,
      log,
      key,
      value,
      height,
      proof = [],
    } = chain.host.query({
      path,
      data: new Uint8Array(),
      prove: true,
    });
    if (code !== 0) throw Error(`${code}: ${log}`);
    return { key: Buffer.from(key).toString(), value, height, proofOps: proof };
  };

  it('lead to the app hash of the answer: storage, results, rows, and their absence', async () => {
    const { height, appHash } = chain.host.info();
    const shown = (path: string) => {
      const answer = ask(path);
      expect(answer).to.include({ key: rowKeyOf(path), height });
      const row = verifyRowProof(appHash, answer);
      return row && Buffer.from(row).toString();
    };
    expect(shown('/storage/published.a')).to.equal('one');
    expect(shown('/storage/published.b')).to.equal(null);
    expect(JSON.parse(shown('/result/2')!)).to.include({ state: 'fulfilled', value: 7 });
    expect(shown('/result/99')).to.equal(null);
    expect(JSON.parse(shown('/row/c.identity')!)).to.include({ chainID: 'spec-chain' });
    expect(shown('/row/x.kv.crankNumber')).to.match(/^[0-9]+$/);
    expect(chain.query('/row/x.kv.crankNumber')).to.equal(shown('/row/x.kv.crankNumber'));
    // The node's own rows are in the store, and not in the tree.
    expect(shown('/row/x.kv.host.local.lastBlock')).to.equal(null);
    expect(() => chain.query('/row/x.kv.host.local.lastBlock')).to.throw(/^8: row: there is no /);
    // While a block executes, they are of the last commit.
    await chain.host.executeBlock(
      makeBlock(chain.height, [chain.tx(alice, message('app', 'add', 1))]),
    );
    expect(JSON.parse(shown('/result/2')!)).to.include({ value: 7 });
    expect(shown('/result/3')).to.equal(null);
    await chain.host.commit();
    chain.height += 1;
    expect(() => verifyRowProof(appHash, ask('/result/3'))).to.throw(
      `does not lead to the app hash ${hex(appHash)}`,
    );
    const after = chain.host.info();
    expect(json(verifyRowProof(after.appHash, ask('/result/3'))!)).to.include({ value: 8 });
  });

  it('are of single rows only', () => {
    for (const path of ['/status', '/vats', '/row/nonsense', '/storage/a..b', '/result/x']) {
      expect(rowKeyOf(path)).to.equal(undefined);
      expect(() => ask(path)).to.throw(/^9: prove: expected \/row\/<key>, \/storage\/<path> or /);
    }
  });

  it('are verified by `chain query --prove` against the next header', async () => {
    const { height, appHash } = chain.host.info();
    let blocks = height;
    let lies = false;
    const client = {
      endpoint: 'http://node',
      query: async (path: string, { prove = false } = {}): Promise<QueryAnswer> => {
        const { proof = [], ...answer } = chain.host.query({ path, data: new Uint8Array(), prove });
        return {
          ...answer,
          value: Buffer.from(lies ? 'two' : answer.value),
          height: BigInt(answer.height),
          proofOps: proof,
        };
      },
      header: async (asked: bigint): Promise<BlockHeader> => {
        if (asked > BigInt(blocks)) {
          const reason = `height ${asked} must be less than or equal to the current blockchain height ${blocks}`;
          throw new RpcRefusalError('http://node', 'block', -32603, reason);
        }
        const rest = { time: '', appVersion: 1n, hash: 'ab' };
        return { height: asked, appHash: hex(appHash), ...rest };
      },
    } as unknown as RpcClient;
    let now = 0;
    const powers = {
      now: () => now,
      delay: async (ms: number) => {
        now += ms;
        // The next block comes after a while.
        if (now >= 3_000) blocks = height + 1;
      },
    };
    const prove = (path: string, timeout = 60) =>
      queryProven(makeEndpoints([client]), { path, timeout }, powers);
    const failure = async (path: string, timeout?: number): Promise<unknown> =>
      prove(path, timeout).catch((error: unknown) => error);
    expect(await failure('/storage/published.a', 1)).to.deep.include({ code: 'ENDPOINT' });
    expect(await prove('/storage/published.a')).to.deep.equal({
      key: 'c.storage.published.a',
      value: 'one',
      height: BigInt(height),
      header: { height: BigInt(height) + 1n, hash: 'ab', appHash: hex(appHash) },
    });
    expect(now).to.be.at.least(3_000);
    expect(await prove('/storage/nothing')).to.include({ value: null });
    expect(String(await failure('/status'))).to.include('--prove: expected /storage/<path>');
    lies = true;
    expect(await failure('/storage/published.a')).to.include({ code: 'BAD_PROOF' });
  });
});
