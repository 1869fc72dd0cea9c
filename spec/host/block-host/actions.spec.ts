import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { actionsForBundle } from '../../../lib/host/transactions/bundle-chunks.js';
import { bundlePackages, esModule } from '../../platform/supervisor/support/archives.js';
import { alice, bob, bundleOfFixture, json, makeChain, message, type Chain } from './support.js';

describe('actions of a chain', () => {
  let chain: Chain;
  before(async () => {
    chain = await makeChain({ argv: [bob.address], params: { uploadBlocks: 8, maxUploads: 2 } });
  });

  const logOf = async () => {
    const [{ value }] = (await chain.act(message('app', 'log'))) as [{ value: string[] }];
    return value;
  };

  it('mailbox: delivers the messages of the sender, whose answers wait in its outbox', async () => {
    const action = { type: 'mailbox' as const, messages: [[1, 'hello']] as const, ack: 0 };
    const { txResults } = await chain.block(chain.tx(bob, action));
    expect(txResults[0]).to.include({ code: 0 });
    expect(await logOf()).to.eql(['received hello']);
    const mailbox = { ack: 1, outbox: [[1, 're: hello']] };
    expect(chain.query(`/mailbox/${bob.address}`)).to.eql(mailbox);
    expect(chain.outputs).to.deep.include({
      type: 'mailbox',
      peer: bob.address,
      num: 1,
      body: 're: hello',
    });
    // The same messages again do nothing, and an ack empties the outbox.
    await chain.block(chain.tx(bob, { ...action, ack: 1 }));
    expect(await logOf()).to.eql(['received hello']);
    expect(chain.query(`/mailbox/${bob.address}`)).to.eql({ ack: 1, outbox: [] });
    // A stranger's messages reach nobody.
    await chain.act(action);
    expect(await logOf()).to.eql(['received hello']);
  });

  it('bridge: reaches the handler that a vat has registered', async () => {
    const action = { type: 'bridge' as const, port: 'dibc', message: { a: [1] } };
    expect(await chain.act(action)).to.eql([{ state: 'fulfilled', value: null }]);
    expect(await logOf()).to.include('dibc {"a":[1]}');
  });

  it('message: vats write texts that clients read', async () => {
    const storage = async (method: string, ...args: unknown[]) => {
      const call = message('app', 'output', 'storage', { method, args });
      const [{ state, value }] = (await chain.act(call)) as [{ state: string; value: unknown }];
      return state === 'fulfilled' ? value : Error(String(value));
    };
    await storage('set', ['published.a', 'one'], ['published.b.c', 'two']);
    await storage('setWithoutNotify', ['published.d', 'three']);
    expect(chain.query('/storage/published.a')).to.equal('one');
    expect(await storage('get', 'published.b.c')).to.equal('two');
    expect(await storage('get', 'published.b')).to.equal(null);
    expect(await storage('has', 'published.b')).to.equal(true);
    expect(await storage('children', 'published')).to.eql(['a', 'b', 'd']);
    expect(await storage('size', 'published')).to.equal(3);
    expect(await storage('entries', 'published')).to.eql([
      ['a', 'one'],
      ['b', null],
      ['d', 'three'],
    ]);
    expect(await storage('values', 'published')).to.eql(['one', null, 'three']);
    expect(await storage('getStoreKey', 'published.a')).to.eql({
      storeName: 'swingset',
      storeSubkey: '/storage/published.a',
    });
    expect(chain.query('/storage-children/published')).to.eql({
      children: ['a', 'b', 'd'],
      more: false,
    });
    const { height } = chain;
    await storage('append', ['stream', 'x'], ['stream', 'y']);
    const cell = JSON.parse(chain.query('/storage/stream') as string) as object;
    expect(cell).to.eql({ blockHeight: String(height), values: ['x', 'y'] });
    await storage('set', ['published.a']);
    expect(() => chain.query('/storage/published.a')).to.throw(
      '8: storage: nothing is at published.a',
    );
    expect(await storage('children', '')).to.eql(['published', 'stream']);
    // A bad path fails the vat's call, and changes nothing.
    expect(await storage('set', ['good', '1'], ['bad path', '2'])).to.be.an('error');
    expect(() => chain.query('/storage/good')).to.throw('nothing is at good');
  });

  it('propose: evaluates code with the powers that it is permitted', async () => {
    const propose = (code: string, permits?: Record<string, unknown>) => ({
      type: 'propose' as const,
      code,
      ...(permits && { permits }),
    });
    expect(
      await chain.act(
        propose('powers => Object.keys(powers).sort()'),
        propose('powers => Object.keys(powers)', { timer: true, vats: { app: true } }),
        propose('powers => powers', { money: true }),
        propose('async ({ lookup, publish }) => { publish("other", lookup("app")); return 1n; }'),
        propose('this is no code'),
        message('other', 'echo', 7),
      ),
    ).to.eql([
      {
        state: 'fulfilled',
        value: ['grantPowers', 'lookup', 'publish', 'timer', 'unpublish', 'vatAdmin', 'vats'],
      },
      { state: 'fulfilled', value: ['timer', 'vats'] },
      { state: 'rejected', value: 'permits: there is no power "money"' },
      { state: 'fulfilled', value: { '@bigint': '1' } },
      // The engine's words are in the vat's answer, which is state.
      { state: 'rejected', value: await lastRejection() },
      { state: 'fulfilled', value: [alice.address, 7] },
    ]);
  });

  const lastRejection = async () => {
    const [{ value }] = (await chain.act({ type: 'propose', code: 'this is no code' })) as [
      { value: string },
    ];
    expect(value).to.be.a('string');
    return value;
  };

  it('installBundle: in chunks of any order, checked by its hash', async () => {
    const bundle = await bundleOfFixture('fragile');
    const chunks = [...actionsForBundle(bundle, 100_000)].reverse();
    expect(chunks.length).to.be.above(1);
    for (const [index, chunk] of chunks.entries()) {
      const [result] = (await chain.act(chunk)) as [{ value: object }];
      const isLast = index === chunks.length - 1;
      expect(result.value).to.eql(
        isLast ? { bundleID: chunk.bundleID } : { received: index + 1, chunks: chunks.length },
      );
      if (!isLast)
        expect(await chain.act(chunk)).to.eql([{ state: 'fulfilled', value: result.value }]);
    }
    expect(chain.query('/uploads')).to.eql([]);
    const { bundleID } = chunks[0]!;
    const code = `({ vatAdmin }) => E(vatAdmin).getBundleCap('${bundleID}').then(() => 'installed')`;
    expect(await chain.act({ type: 'propose', code })).to.eql([
      { state: 'fulfilled', value: 'installed' },
    ]);
  });

  it('installBundle: refuses bundles that can not be stored, on all nodes alike', async () => {
    const nested = { moduleFormat: 'nestedEvaluate', source: '', sourceMap: '' };
    // Deeper than stacks go, which are not equally large on all nodes.
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const text = JSON.stringify({ ...nested, more: '?' }).replace('"?"', deep);
    const bundleID = `b0-${createHash('sha256').update(text).digest('hex')}`;
    const bytes = Buffer.from(text);
    const [tooDeep] = (await chain.act({
      type: 'installBundle',
      ...{ bundleID, chunk: 0, chunks: 1, size: bytes.length, bytes: bytes.toString('base64') },
    })) as [{ state: string; value: string }];
    expect(tooDeep.state).to.equal('rejected');
    expect(tooDeep.value).to.match(/^the 400068 bytes .* are no bundle/);

    // The map names a module that nothing imports, and the zip does not have its file.
    const lost = { location: 'lost.js', parser: 'pre-mjs-json', sha512: '0'.repeat(128) };
    const bundle = bundlePackages({
      main: { './vat.js': esModule('export {};'), './lost.js': lost },
    });
    const [action] = actionsForBundle(bundle);
    const [incomplete] = (await chain.act(action!)) as [{ state: string; value: string }];
    expect(incomplete.state).to.equal('rejected');
    expect(incomplete.value).to.match(/^the [0-9]+ bytes .* are no bundle with the ID b1-/);
    expect(chain.query('/uploads')).to.eql([]);
    await chain.block();
  });

  it('installBundle: refuses other bytes, and forgets what is never finished', async () => {
    const bundleID = `b1-${'7'.repeat(128)}`;
    const upload = (chunk: number, bytes: string, more: object = {}) => ({
      type: 'installBundle' as const,
      ...{ bundleID, chunk, chunks: 2, size: 6, bytes, ...more },
    });
    const results = (await chain.act(
      upload(0, 'AAAA'),
      upload(0, 'BBBB'),
      upload(1, 'AAAA', { size: 7 }),
      upload(1, 'AAAAAAAA'),
      upload(0, 'AAAA'),
      upload(1, 'AAAA'),
    )) as { state: string; value: string }[];
    expect(results.map(({ state }) => state)).to.eql([
      ...['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled', 'rejected'],
    ]);
    expect(results[1]!.value).to.equal('chunk 0 has arrived with other bytes');
    expect(results[2]!.value).to.equal('this upload has 2 chunks and 6 bytes, not 2 and 7');
    expect(results[3]!.value).to.equal('the chunks have more than the 6 bytes that were announced');
    expect(results[5]!.value).to.match(
      /^the 6 bytes \(SHA-256 [0-9a-f]{64}\) are no bundle with the ID b1-7/,
    );

    await chain.act(upload(0, 'AAAA'), upload(0, 'AAAA', { bundleID: `b1-${'8'.repeat(128)}` }));
    const third = chain.tx(alice, upload(0, 'AAAA', { bundleID: `b1-${'9'.repeat(128)}` }));
    expect(chain.host.check(third, 'new').log).to.equal(
      'actions[0]: bundleID: 2 bundles are under way, and no more than 2 may be',
    );
    expect((await chain.block(third)).txResults[0]).to.include({ code: 7 });
    const expired: string[] = [];
    for (let count = 0; count < 8 && expired.length === 0; count += 1) {
      const { events } = await chain.block();
      expired.push(...events.map(({ type }) => type));
    }
    expect(expired).to.eql(['swingset_upload_expired', 'swingset_upload_expired']);
    expect(chain.query('/uploads')).to.eql([]);
  });
});

describe('validators of a chain', () => {
  it('change so that the engine takes it', async () => {
    const chain = await makeChain();
    const first = '09'.repeat(32);
    const second = '0a'.repeat(32);
    const change = (publicKey: string, power: number) => ({
      type: 'validator' as const,
      publicKey,
      power,
    });
    const { txResults, validatorUpdates } = await chain.block(
      chain.tx(
        alice,
        change(first, 0),
        change(second, 5),
        change(second, 7),
        change(first, 0),
        change(first, 0),
        change(second, Number.MAX_SAFE_INTEGER),
      ),
    );
    const { actions } = json(txResults[0]!.data) as { actions: string[] };
    expect(actions.map(id => chain.result(id).value)).to.eql([
      'the last validator can not be removed',
      null,
      null,
      null,
      `${first} is no validator`,
      null,
    ]);
    expect(validatorUpdates.map(({ publicKey, power }) => [publicKey[0], power])).to.eql([
      [10, BigInt(Number.MAX_SAFE_INTEGER)],
      [9, 0n],
    ]);
    expect(chain.query('/validators')).to.eql({ [second]: String(Number.MAX_SAFE_INTEGER) });
  });
});
