import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeepPartial } from 'cosmjs-types/helpers.js';
import type { Request, Response } from 'cosmjs-types/tendermint/abci/types.js';
import { expect } from 'chai';
import { makeAbciApplication } from '../../lib/abci/application.js';
import { startAbciServer, type AbciServer } from '../../lib/abci/server.js';
import { packageVersion } from '../../lib/package-paths.js';
import { makeScriptedHost, type HostAnswers, type ScriptedHost } from './scripted-host.js';
import { makeGate, Peer } from './support.js';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const textOf = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString();
const tx = (length: number, fill = 0x61): Uint8Array => new Uint8Array(length).fill(fill);
const time = { seconds: 1_700_000_000n, nanos: 123_456_789 };
const key = tx(32, 7);

describe('the ABCI application', () => {
  let folder: string;
  let host: ScriptedHost;
  let server: AbciServer;
  let errors: string[];
  let fatal: unknown[];
  const peers: Peer[] = [];

  const connect = async (): Promise<Peer> => {
    const peer = await Peer.connect(server.address);
    peers.push(peer);
    return peer;
  };

  const start = async (answers: HostAnswers = {}): Promise<Peer> => {
    host = makeScriptedHost(answers);
    server = await startAbciServer({
      address: `unix://${join(folder, 'app.sock')}`,
      handle: makeAbciApplication({
        host,
        console: { error: line => void errors.push(String(line)) },
      }),
      onFatal: error => void fatal.push(error),
      console: { log: () => undefined, warn: () => undefined },
    });
    return connect();
  };

  /** One request to an application of its own. */
  const ask = async (
    request: DeepPartial<Request>,
    answers: HostAnswers = {},
  ): Promise<Response> => {
    const peer = await start(answers);
    const response = await peer.ask(request);
    await stop();
    return response;
  };

  const stop = async (): Promise<void> => {
    for (const peer of peers.splice(0)) peer.close();
    await server.close();
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'abci-app-'));
    errors = [];
    fatal = [];
  });
  afterEach(async () => {
    await stop();
    rmSync(folder, { recursive: true });
  });

  const failing = (message: string) => () => {
    throw Error(message);
  };

  it('tells its height, hash and version', async () => {
    const { info } = await ask({ info: { version: '0.38.25', abciVersion: '2.0.0' } });
    expect(info).to.deep.equal({
      data: '{"software":"swingset-kernel","platformEpoch":"upgrade-1"}',
      version: packageVersion(),
      appVersion: 1n,
      lastBlockHeight: 4n,
      lastBlockAppHash: bytes('hash 4'),
    });
  });

  it('hands the genesis on, and answers with the hash and the version alone', async () => {
    const { initChain } = await ask({
      initChain: {
        time,
        chainId: 'swingset-1',
        initialHeight: 1n,
        appStateBytes: bytes('{}'),
        consensusParams: { version: { app: 0n }, block: { maxBytes: 5n, maxGas: -1n } },
        validators: [{ pubKey: { ed25519: key }, power: 10n }],
      },
    });
    expect(host.calls[0]).to.deep.equal({
      name: 'init',
      args: [
        {
          chainID: 'swingset-1',
          time,
          initialHeight: 1,
          appState: bytes('{}'),
          validators: [{ publicKey: key, power: 10n }],
        },
      ],
    });
    expect(initChain?.appHash).to.deep.equal(bytes('genesis'));
    expect(initChain?.validators).to.deep.equal([]);
    expect(initChain?.consensusParams?.version).to.deep.equal({ app: 1n });
    const { block, evidence, validator, abci } = initChain?.consensusParams ?? {};
    expect([block, evidence, validator, abci].every(group => group === undefined)).to.equal(true);
  });

  it('refuses validators with keys of another type', async () => {
    const { exception } = await ask({
      initChain: { time, initialHeight: 1n, validators: [{ pubKey: { secp256k1: key } }] },
    });
    expect(exception?.error).to.match(/^validators\[0\]\.pubKey: expected a key of type ed25519/);
  });

  it('executes blocks: times to the nanosecond, results in order', async () => {
    const { finalizeBlock } = await ask(
      { finalizeBlock: { height: 5n, time, hash: bytes('block'), txs: [tx(1), tx(2)] } },
      {
        executeBlock: async () => ({
          appHash: bytes('hash 5'),
          txResults: [
            { code: 0, log: '', data: bytes('["1.0"]') },
            { code: 4, log: 'lone \ud800', data: new Uint8Array() },
          ],
          events: [{ type: 'action', attributes: [['id', '1.0']] }],
          validatorUpdates: [{ publicKey: key, power: 2n ** 40n }],
        }),
      },
    );
    expect(host.calls[0]?.args).to.deep.equal([
      { height: 5, time, txs: [tx(1), tx(2)], hash: bytes('block') },
    ]);
    expect(
      finalizeBlock?.txResults.map(({ code, log, codespace, data }) => ({
        code,
        log,
        codespace,
        data: textOf(data),
      })),
    ).to.deep.equal([
      { code: 0, log: '', codespace: '', data: '["1.0"]' },
      { code: 4, log: 'lone \ufffd', codespace: 'swingset', data: '' },
    ]);
    expect(finalizeBlock?.events).to.deep.equal([
      { type: 'action', attributes: [{ key: 'id', value: '1.0', index: true }] },
    ]);
    const [update] = finalizeBlock?.validatorUpdates ?? [];
    expect(update?.power).to.equal(2n ** 40n);
    expect(update?.pubKey.ed25519).to.deep.equal(key);
    expect(textOf(finalizeBlock?.appHash)).to.equal('hash 5');
    expect(finalizeBlock?.consensusParamUpdates).to.equal(undefined);
  });

  it('sends the version of an upgrade, and no other parameter', async () => {
    const { finalizeBlock } = await ask(
      { finalizeBlock: { height: 5n, time } },
      {
        executeBlock: async () => ({
          appHash: bytes('hash 5'),
          txResults: [],
          events: [],
          validatorUpdates: [],
          appVersion: 2n,
        }),
      },
    );
    const groups = Object.entries(finalizeBlock?.consensusParamUpdates ?? {});
    expect(groups.filter(([, group]) => group !== undefined)).to.deep.equal([
      ['version', { app: 2n }],
    ]);
  });

  it('refuses to send what the engine could not live with', async () => {
    const block = { appHash: bytes('h'), txResults: [], events: [], validatorUpdates: [] };
    const few = await ask({ finalizeBlock: { txs: [tx(1)] } }, { executeBlock: async () => block });
    expect(few.exception?.error).to.equal(
      'finalizeBlock.txResults: expected one result for each of 1 transactions, got 0',
    );
    const strong = await ask(
      { finalizeBlock: {} },
      {
        executeBlock: async () => ({
          ...block,
          validatorUpdates: [{ publicKey: key, power: 2n ** 63n }],
        }),
      },
    );
    expect(strong.exception?.error).to.match(
      /^validatorUpdates\[0\]\.power: expected a whole number/,
    );
    const beyond = await ask({ finalizeBlock: { height: 2n ** 53n } });
    expect(beyond.exception?.error).to.match(/^finalizeBlock.height: expected .* to 2\^53-1/);
    expect(fatal).to.have.lengthOf(3);
  });

  it('commits, and says what the engine may prune', async () => {
    const { commit } = await ask({ commit: {} }, { commit: async () => ({ retainHeight: 12 }) });
    expect(commit).to.deep.equal({ retainHeight: 12n });
  });

  it('refuses by code in CheckTx and Query, also when the host fails', async () => {
    const refused = await ask(
      { checkTx: { tx: tx(3), type: 1 } },
      { check: () => ({ code: 2, log: 'bad', data: bytes('d'), priority: 0n, sender: '' }) },
    );
    expect(host.calls[0]?.args).to.deep.equal([tx(3), 'recheck']);
    expect(refused.checkTx).to.include({ code: 2, log: 'bad', codespace: 'swingset' });
    const { checkTx } = await ask(
      { checkTx: { tx: tx(3) } },
      { check: failing('disk \u001bfull') },
    );
    expect(host.calls[0]?.args[1]).to.equal('new');
    expect(checkTx).to.include({ code: 1000, log: 'disk \u001bfull' });
    const { query } = await ask({ query: { path: '/x' } }, { query: failing('disk full') });
    expect(query).to.include({ code: 1000, log: 'disk full' });
    expect(errors).to.deep.equal(['CheckTx failed: disk \\u001bfull', 'Query failed: disk full']);
    expect(fatal).to.deep.equal([]);
  });

  it('answers queries of the committed height, and no older ones', async () => {
    const asked = { path: '/x', data: bytes('d') };
    for (const height of [0n, 4n]) {
      const { query } = await ask({ query: { ...asked, height } });
      expect(host.calls[0]?.args).to.deep.equal([{ path: '/x', data: bytes('d'), prove: false }]);
      expect(query).to.deep.include({ code: 0, height: 4n, value: bytes('1'), key: bytes('/x') });
    }
    const old = await ask({ query: { ...asked, height: 3n } });
    expect(old.query).to.include({ code: 1001, codespace: 'swingset' });
    expect(old.query?.log).to.match(/^height: expected 0 or 4, the last committed one, got 3/);
    expect(old.query?.proofOps).to.equal(undefined);
  });

  it('hands on the steps of a proof', async () => {
    const proof = [
      { type: 'swingset:tree', key: bytes('c.x'), data: bytes('way') },
      { type: 'swingset:app', key: bytes(''), data: bytes('hash') },
    ];
    const { query } = await ask(
      { query: { path: '/row/c.x', prove: true } },
      {
        query: () => ({ code: 0, log: '', key: bytes('c.x'), value: bytes('1'), height: 4, proof }),
      },
    );
    expect(host.calls[0]?.args[0]).to.include({ path: '/row/c.x', prove: true });
    expect(query?.proofOps?.ops).to.deep.equal(proof);
    expect(query?.height).to.equal(4n);
  });

  describe('in proposals', () => {
    it('takes what the host chooses within the size of the block', async () => {
      const txs = [tx(98), tx(197), tx(50)];
      const { prepareProposal } = await ask(
        { prepareProposal: { maxTxBytes: 351n, height: 5n, txs } },
        { prepare: given => given.slice(1) },
      );
      expect(host.calls[0]?.args).to.deep.equal([txs, { height: 5, maxBytes: 351 }]);
      expect(prepareProposal?.txs.map(({ length }) => length)).to.deep.equal([197, 50]);
    });

    it('proposes nothing when the host fails', async () => {
      const { prepareProposal } = await ask(
        { prepareProposal: { maxTxBytes: 100n, height: 5n, txs: [tx(1)] } },
        { prepare: failing('oops') },
      );
      expect(prepareProposal?.txs).to.deep.equal([]);
      expect(errors).to.deep.equal(['PrepareProposal failed, so this node proposes nothing: oops']);
    });

    it('accepts and rejects, and never answers with status 0', async () => {
      const request = { processProposal: { height: 5n, txs: [tx(1)] } };
      const status = async (answers: HostAnswers): Promise<number | undefined> =>
        (await ask(request, answers)).processProposal?.status;
      expect(await status({})).to.equal(1);
      expect(await status({ refuse: () => 'two of one account' })).to.equal(2);
      expect(await status({ refuse: failing('oops') })).to.equal(2);
      expect(errors).to.deep.equal([
        'Rejected the proposal for block 5: two of one account',
        'ProcessProposal failed, so this node rejects block 5: oops',
      ]);
      expect(fatal).to.deep.equal([]);
    });

    it('extends no votes, and accepts none that are extended', async () => {
      const { extendVote } = await ask({ extendVote: { height: 5n } });
      expect(extendVote?.voteExtension).to.have.lengthOf(0);
      const verified = async (voteExtension: Uint8Array): Promise<number | undefined> =>
        (await ask({ verifyVoteExtension: { voteExtension } })).verifyVoteExtension?.status;
      expect(await verified(tx(0))).to.equal(1);
      expect(await verified(tx(1))).to.equal(2);
    });
  });

  describe('with snapshots', () => {
    const snapshot = { height: 4, format: 1, chunks: 3, hash: bytes('h'), metadata: bytes('m') };

    it('lists and loads them', async () => {
      const { listSnapshots } = await ask(
        { listSnapshots: {} },
        { listSnapshots: () => [snapshot] },
      );
      expect(listSnapshots?.snapshots).to.deep.equal([{ ...snapshot, height: 4n }]);
      const { loadSnapshotChunk } = await ask({
        loadSnapshotChunk: { height: 4n, format: 1, chunk: 2 },
      });
      expect(host.calls[0]?.args).to.deep.equal([4, 1, 2]);
      expect(textOf(loadSnapshotChunk?.chunk)).to.equal('chunk');
    });

    it('has none, and no chunk, when the host fails', async () => {
      const list = await ask({ listSnapshots: {} }, { listSnapshots: failing('a') });
      expect(list.listSnapshots?.snapshots).to.deep.equal([]);
      const load = await ask({ loadSnapshotChunk: { height: 4n } }, { load: failing('b') });
      expect(load.loadSnapshotChunk?.chunk).to.have.lengthOf(0);
      expect(errors).to.deep.equal(['ListSnapshots failed: a', 'LoadSnapshotChunk failed: b']);
      expect(fatal).to.deep.equal([]);
    });

    it('answers offers and chunks with the status that the host chose', async () => {
      const offers = ['accept', 'abort', 'reject', 'reject-format', 'reject-sender'] as const;
      for (const [index, answer] of offers.entries()) {
        const { offerSnapshot } = await ask(
          { offerSnapshot: { snapshot: { ...snapshot, height: 4n }, appHash: bytes('app') } },
          { offer: async () => answer },
        );
        expect(offerSnapshot?.result).to.equal(index + 1);
        expect(host.calls[0]?.args).to.deep.equal([snapshot, bytes('app')]);
      }
      const results = ['accept', 'abort', 'retry', 'retry-snapshot', 'reject-snapshot'] as const;
      for (const [index, result] of results.entries()) {
        const { applySnapshotChunk } = await ask(
          { applySnapshotChunk: { index: 2, chunk: bytes('chunk'), sender: 'peer' } },
          { apply: async () => ({ result, refetchChunks: [2, 0], rejectSenders: ['peer'] }) },
        );
        expect(host.calls[0]?.args).to.deep.equal([2, bytes('chunk'), 'peer']);
        expect(applySnapshotChunk).to.deep.equal({
          result: index + 1,
          refetchChunks: [2, 0],
          rejectSenders: ['peer'],
        });
      }
    });

    it('rejects an offer of a height that no chain reaches, and of nothing', async () => {
      for (const offer of [{ snapshot: { ...snapshot, height: 2n ** 63n } }, {}]) {
        const { offerSnapshot } = await ask({ offerSnapshot: offer });
        expect(offerSnapshot?.result).to.equal(3);
        expect(host.calls).to.deep.equal([]);
      }
    });
  });

  describe('while a block executes', () => {
    it('answers CheckTx, Query, Info and snapshots, and lets other calls wait', async () => {
      const [begun, gate] = [makeGate(), makeGate()];
      const executed: number[] = [];
      const consensus = await start({
        executeBlock: async ({ height }) => {
          begun.open();
          await gate.opened;
          executed.push(height);
          return { appHash: bytes('h'), txResults: [], events: [], validatorUpdates: [] };
        },
      });
      const other = await connect();
      const successor = await connect();
      consensus.send({ finalizeBlock: { height: 5n } }, { flush: {} });
      await begun.opened;
      // An engine that has started again.
      successor.send({ prepareProposal: { height: 5n } }, { finalizeBlock: { height: 5n } });
      expect((await other.ask({ checkTx: { tx: tx(1) } })).checkTx?.code).to.equal(0);
      expect((await other.ask({ query: { path: '/x' } })).query?.height).to.equal(4n);
      expect((await other.ask({ info: {} })).info?.lastBlockHeight).to.equal(4n);
      expect((await other.ask({ listSnapshots: {} })).listSnapshots).not.to.equal(undefined);
      expect((await other.ask({ loadSnapshotChunk: {} })).loadSnapshotChunk).not.to.equal(
        undefined,
      );
      expect(executed).to.deep.equal([]);
      expect(host.calls.map(({ name }) => name)).not.to.include('prepare');
      gate.open();
      expect((await consensus.receive())?.finalizeBlock).not.to.equal(undefined);
      expect((await successor.receive())?.prepareProposal).not.to.equal(undefined);
      expect((await successor.receive())?.finalizeBlock).not.to.equal(undefined);
      expect(executed).to.deep.equal([5, 5]);
    });

    it('lets Info wait for a commit, and for nothing else', async () => {
      const [begun, gate] = [makeGate(), makeGate()];
      let height = 4;
      const consensus = await start({
        info: () => ({ height, appHash: bytes('h'), appVersion: 1n, platformEpoch: 'x' }),
        commit: async () => {
          begun.open();
          await gate.opened;
          height += 1;
          return { retainHeight: 0 };
        },
      });
      consensus.send({ commit: {} }, { flush: {} });
      await begun.opened;
      const successor = await connect();
      const asked = successor.ask({ info: {} });
      const query = await connect();
      expect((await query.ask({ query: { path: '/x' } })).query?.code).to.equal(0);
      gate.open();
      expect((await asked).info?.lastBlockHeight).to.equal(5n);
    });
  });

  it('answers no call that changes state after one has failed, and still answers clients', async () => {
    const consensus = await start({ executeBlock: failing('UPGRADE "x" NEEDED at height 5') });
    const { exception } = await consensus.ask({ finalizeBlock: { height: 5n } });
    expect(exception?.error).to.equal('UPGRADE "x" NEEDED at height 5');
    await consensus.closed;
    const other = await connect();
    expect((await other.ask({ query: { path: '/x' } })).query?.code).to.equal(0);
    other.send({ commit: {} }, { flush: {} });
    expect((await other.receive())?.exception?.error).to.equal('UPGRADE "x" NEEDED at height 5');
    expect(fatal.map(error => (error as Error).message)).to.deep.equal([
      'UPGRADE "x" NEEDED at height 5',
    ]);
    expect(host.calls.map(({ name }) => name)).not.to.include('commit');
  });
});
