import { expect } from 'chai';
import {
  listVats,
  type LiveVatAnswer,
  type TerminatedVatAnswer,
  type VatAnswer,
} from '../../../lib/host/block-host/queries/vats.js';
import { storePathOf } from '../../../lib/host/block-host/store-path.js';
import { asKVStore, readKernelState } from '../../../lib/host/committed-kernel.js';
import { STOCK } from '../../../lib/platform/choices.js';
import { epochOfIncarnation } from '../../../lib/platform-epoch/incarnation-epoch.js';
import { openCommittedReader } from '../../../lib/store/committed-reader.js';
import type { PlatformEpochRecord } from '../../../lib/types/platform-epoch.js';
import type { WorkerOptions } from '../../../lib/types/vat-options.js';
import { alice, bundleOfFixture, makeBlock, makeChain, message, type Chain } from './support.js';

interface Page {
  readonly vats: readonly VatAnswer[];
  readonly more: boolean;
}

const vatsOf = (chain: Chain) => (chain.query('/vats') as Page).vats;

const named = (chain: Chain, name: string): LiveVatAnswer => {
  const found = vatsOf(chain).find(each => (each as LiveVatAnswer).name === name);
  if (!found) throw Error(`there is no vat ${name}`);
  return found as LiveVatAnswer;
};

describe('queries for vats', () => {
  it('list them by number, in pages', async () => {
    const chain = await makeChain();
    const all = vatsOf(chain);
    const ids = all.map(({ vatID }) => vatID);
    expect(ids).to.eql(Array.from(ids, (_id, index) => `v${index + 1}`));
    expect(chain.query('/vats?limit=3')).to.eql({ vats: all.slice(0, 3), more: true });
    expect(chain.query('/vats?after=v3&limit=2')).to.eql({ vats: all.slice(3, 5), more: true });
    const last = ids.length - 1;
    expect(chain.query(`/vats?after=${ids[last - 1]}&limit=2`)).to.eql({
      vats: all.slice(last),
      more: false,
    });
    expect(chain.query('/vats?after=v999')).to.eql({ vats: [], more: false });
    const app = named(chain, 'app');
    expect(chain.query(`/vat/${app.vatID}`)).to.eql(app);
    expect(app).to.deep.include({
      dynamic: false,
      worker: 'local',
      state: 'running',
      service: null,
      incarnation: 0,
      platformEpoch: 'one',
      waiting: 0,
    });
    expect(app.position).to.be.above(0);
  });

  it('read the list of dynamic vats as often for many vats as for one', async () => {
    const chain = await makeChain();
    const reader = openCommittedReader(storePathOf(chain.home));
    const state = readKernelState(asKVStore(reader));
    const readsOf = (limit: number): number => {
      let reads = 0;
      const vats = new Proxy(state.vats, {
        get: (target, name) => {
          if (name === 'dynamicIDs') reads += 1;
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
      const counted = new Proxy(state, {
        get: (target, name): unknown =>
          name === 'vats' ? vats : Reflect.get(target, name, target),
      });
      const view = { ledger: [], vatRecords: reader, readKernel: () => counted };
      expect(listVats(view, { after: undefined, limit }).vats).to.have.length(limit);
      return reads;
    };
    const [one, many] = [1, 5].map(readsOf);
    reader.close();
    expect(one).to.be.above(0);
    expect(many).to.equal(one);
  });

  it('refuse what they do not understand, naming it', async () => {
    const chain = await makeChain();
    const refusals = {
      '/vats?limit=0': '9: limit: expected a number from 1 to 1000, got "0"',
      '/vats?limit=1001': '9: limit: expected a number from 1 to 1000, got "1001"',
      '/vats?after=app': '9: after: expected a vatID, such as v7, got "app"',
      '/vats?before=v3': '9: path: expected after or limit after the "?", got "before"',
      '/vats?limit=1&limit=2': '9: path: "limit" is given twice',
      '/vats?after=%zz': '9: path: "/vats?after=%zz" has a bad escape',
      '/vats/v1': '9: vats: expected nothing after /vats, got "v1"',
      '/params?limit=1': '9: path: /params takes no "limit"',
      '/vat/app': '9: vat: expected a vatID, such as v7, got "app"',
      '/vat/v999': '8: vat: there has been no v999',
      '/vat/v0': '8: vat: there has been no v0',
    };
    for (const [path, refusal] of Object.entries(refusals)) {
      expect(() => chain.query(path), path).to.throw(refusal);
    }
  });

  it('tell which vats an upgrade left asleep, exempt or unable to start', async () => {
    const idle = { bundle: await bundleOfFixture('mended') };
    const chain = await makeChain({ fragile: true, config: { bundles: { idle } } });
    const code = `async ({ vatAdmin, grantPowers }) => {
      grantPowers(harden({ idle: await E(vatAdmin).createVatByName('idle', { name: 'idle' }) }));
    }`;
    const [made] = (await chain.act({ type: 'propose', code })) as [{ state: string }];
    expect(made).to.have.property('state', 'fulfilled');
    expect(named(chain, 'idle')).to.include({ dynamic: true, platformEpoch: 'one' });
    const { vatID: fragileID } = named(chain, 'fragile');
    await chain.act(message('fragile', 'break'), {
      type: 'scheduleUpgrade',
      plan: {
        name: 'two',
        height: chain.height + 2,
        info: '',
        restart: { mode: 'lazy', exempt: ['app'] },
      },
    });
    await chain.block();
    await chain.reopen({ platformEpoch: 'two' });
    await chain.block();
    expect(named(chain, 'app')).to.include({ state: 'running', platformEpoch: 'one' });
    const sleepers = vatsOf(chain).filter(({ state }) => state === 'sleeping') as LiveVatAnswer[];
    expect(sleepers.map(({ name }) => name)).to.eql(['idle']);
    expect(sleepers[0]).to.include({ platformEpoch: null, incarnation: 1 });
    expect(sleepers[0]?.service).to.include({ type: 'sleeping' });
    expect(named(chain, 'bootstrap')).to.deep.include({
      state: 'running',
      service: null,
      platformEpoch: 'two',
      incarnation: 1,
    });
    await chain.act(message('fragile', 'ping'));
    const fragile = named(chain, 'fragile');
    expect(fragile).to.include({ state: 'suspended', platformEpoch: null, waiting: 1 });
    expect(fragile.service).to.include({ type: 'failed' });
    expect((fragile.service as { error: string }).error).to.include('it is broken');
    expect(fragile.vatID).to.equal(fragileID);
  });

  it('tell that a vat was terminated, for good', async () => {
    const chain = await makeChain({ params: { cleanupDeletions: 1 } });
    const app = named(chain, 'app');
    // A result that is too long is an illegal syscall.
    await chain.act(message('app', 'big', 11_000_000));
    const gone: TerminatedVatAnswer = { vatID: app.vatID, state: 'terminated' };
    expect(vatsOf(chain)).to.deep.include(gone);
    expect(chain.query(`/vat/${app.vatID}`)).to.eql(gone);
  });

  it('answer from the last commit while a block is executed', async () => {
    const chain = await makeChain();
    const before = named(chain, 'app');
    await chain.host.executeBlock(
      makeBlock(chain.height, [chain.tx(alice, message('app', 'add', 1))]),
    );
    expect(named(chain, 'app')).to.eql(before);
    await chain.host.commit();
    expect(named(chain, 'app').position).to.be.above(before.position);
  });
});

describe('the epoch of an incarnation', () => {
  const record = (epoch: string, engine: string, exempt: string[] = []) =>
    ({
      epoch,
      options: { mode: 'eager', onVatFailure: 'suspend', exempt },
      fingerprint: { ...STOCK, engine, lockdown: 'b1-l', supervisor: 'b1-s' },
    }) as unknown as PlatformEpochRecord;
  const on = (engine: string) =>
    ({ type: 'xsnap', engine, bundleIDs: ['b1-l', 'b1-s'] }) as unknown as WorkerOptions;
  const isMeantBy = (name: string) => name === 'bank';
  const ledger = [record('a', 'x1'), record('b', 'x2', ['bank']), record('c', 'x3', ['bank'])];

  it('is the last one that did not exempt the vat', () => {
    const workerOptions = { type: 'local' } as const;
    expect(epochOfIncarnation(ledger, { workerOptions, isMeantBy: () => false })).to.equal('c');
    expect(epochOfIncarnation(ledger, { workerOptions, isMeantBy })).to.equal('a');
    expect(epochOfIncarnation([], { workerOptions, isMeantBy })).to.equal(undefined);
  });

  it('is not an unfinished one that a later one superseded before the turn of the vat', () => {
    const unfinished = { ...record('b', 'x2'), status: 'in-progress' } as PlatformEpochRecord;
    const superseded = [ledger[0]!, unfinished, ledger[2]!];
    const epochOn = (engine: string) =>
      epochOfIncarnation(superseded, { workerOptions: on(engine), isMeantBy });
    expect(epochOn('x1')).to.equal('a');
    expect(epochOn('x2'), 'it had its turn').to.equal('b');
  });

  it("is an exempt vat's later one if the vat was upgraded since", () => {
    expect(epochOfIncarnation(ledger, { workerOptions: on('x1'), isMeantBy })).to.equal('a');
    expect(epochOfIncarnation(ledger, { workerOptions: on('x3'), isMeantBy })).to.equal('c');
    // Not of an engine that no epoch had.
    expect(epochOfIncarnation(ledger, { workerOptions: on('x9'), isMeantBy })).to.equal('a');
  });
});
