import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeAbciApplication } from '../../lib/abci/application.js';
import { startAbciServer, type AbciServer } from '../../lib/abci/server.js';
import { needEngine } from '../support/engine.js';
import { until } from '../support/processes.js';
import { CounterHost } from './counter-host.js';
import { RealEngine } from './real-engine.js';
import { Peer } from './support.js';

interface Committed {
  readonly height: string;
  readonly check_tx: { readonly code: number; readonly log: string };
  readonly tx_result: { readonly code: number; readonly data: string | null };
}

interface Header {
  readonly header: {
    readonly version: { readonly app: string };
    readonly app_hash: string;
    readonly chain_id: string;
  };
}

describe('the ABCI application behind CometBFT', () => {
  let program: string;
  let folder: string;
  let engine: RealEngine;
  let host: CounterHost;
  let server: AbciServer | undefined;
  let fatal: unknown[];
  let ended: string[];

  before(async function build() {
    program = await needEngine(this);
  });

  const startApplication = async (): Promise<string> => {
    server = await startAbciServer({
      address: `unix://${join(folder, 'app.sock')}`,
      handle: makeAbciApplication({ host }),
      onFatal: error => void fatal.push(error),
      console: { log: () => undefined, warn: line => void ended.push(String(line)) },
    });
    return server.address;
  };

  /** Application and engine die and come again. */
  const reboot = async (): Promise<void> => {
    await server?.close();
    await engine.kill();
    host.restart();
    engine.start(await startApplication());
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'abci-engine-'));
    [fatal, ended] = [[], []];
    host = new CounterHost();
    engine = new RealEngine(program, join(folder, 'engine'));
    engine.init(1n);
    engine.start(await startApplication());
    await engine.untilHeight(1);
  });
  afterEach(async () => {
    await engine.kill();
    await server?.close();
    rmSync(folder, { recursive: true });
  });

  const add = (number: number): Promise<Committed> =>
    engine.call<Committed>(`/broadcast_tx_commit?tx="${number}"`);

  const sum = async (): Promise<number> => {
    const { response } = await engine.call<{ response: { value: string } }>(
      '/abci_query?path="/sum"',
    );
    return Number(Buffer.from(response.value, 'base64').toString());
  };

  const header = (height: number): Promise<Header> => engine.call(`/header?height=${height}`);

  it('makes blocks, refuses by code, and answers queries', async () => {
    const [genesis] = host.genesis;
    expect(genesis).to.include({ initialHeight: 1, chainID: (await header(1)).header.chain_id });
    expect(genesis?.validators.map(({ power }) => power)).to.deep.equal([10n]);
    const committed = await add(17);
    expect(committed.tx_result.code).to.equal(0);
    expect(Buffer.from(committed.tx_result.data ?? '', 'base64').toString()).to.equal('17');
    expect(await sum()).to.equal(17);
    const refused = await engine.call<{ code: number; log: string; codespace: string }>(
      '/broadcast_tx_sync?tx="x"',
    );
    expect(refused).to.include({ code: 1, log: 'expected digits, got x', codespace: 'swingset' });
    const unknown = await engine.call<{ response: { code: number; log: string } }>(
      '/abci_query?path="/none"',
    );
    expect(unknown.response).to.include({ code: 8, log: 'no /none' });
    // The time of a block is the header's, to the nanosecond.
    const block = host.blocks.find(({ height }) => height === Number(committed.height));
    const { header: of } = await engine.call<{ header: { time: string } }>(
      `/header?height=${committed.height}`,
    );
    const { seconds = 0n, nanos = 0 } = block?.time ?? {};
    const digits = /\.(\d+)Z$/.exec(of.time)?.[1] ?? '0';
    expect(nanos).to.equal(Number(digits.padEnd(9, '0')));
    expect(Number(seconds)).to.equal(Math.floor(Date.parse(of.time) / 1000));
    expect(fatal).to.deep.equal([]);
  });

  it('goes on after the engine was killed, and after both were', async () => {
    await add(1);
    await engine.kill();
    engine.start(server?.address ?? '');
    await engine.until('/status', () => true);
    await add(2);
    await reboot();
    await engine.until('/status', () => true);
    await add(3);
    expect(await sum()).to.equal(6);
    expect(host.genesis).to.have.lengthOf(1);
    const heights = host.committed.map(({ height }) => height);
    expect(heights).to.deep.equal(heights.map((_, index) => index + 1));
  });

  for (const point of ['executed', 'committed'] as const) {
    it(`goes on when the application dies after it has ${point} a block`, async () => {
      const height = Number((await add(1)).height) + 1;
      host.at = (reached, at) => {
        if (reached !== point || at < height) return;
        host.at = () => undefined;
        throw Error('the application dies');
      };
      const answer = add(2).catch(() => undefined);
      // An engine whose application has gone ends in order.
      expect(await engine.ended()).to.equal(0);
      await answer;
      expect(engine.log).to.contain('the application dies');
      await until(() => fatal.length > 0);
      expect((fatal[0] as Error).message).to.equal('the application dies');
      await reboot();
      await engine.untilHeight(height);
      await add(4);
      expect(await sum()).to.equal(7);
      const heights = host.committed.map(each => each.height);
      expect(heights).to.deep.equal(heights.map((_, index) => index + 1));
    });
  }

  it('tells the version of an upgrade to the next header, and rolls back after it', async () => {
    const before = Number((await add(1)).height);
    host.upgradeAt = before + 2;
    for (let number = 2; host.info().height < host.upgradeAt; number += 1) await add(number);
    const version = async (height: number): Promise<string> =>
      (await header(height)).header.version.app;
    const last = Number((await add(1000)).height);
    // The block after it tells the new app hash. Then the engine waits.
    await engine.untilHeight(last + 1);
    expect(await version(1)).to.equal('1');
    expect(await version(host.upgradeAt)).to.equal('1');
    expect(await version(host.upgradeAt + 1)).to.equal('2');
    for (const appAt of [last + 1, last]) {
      await server?.close();
      await engine.kill();
      expect(engine.rollback()).to.contain(`Rolled back state to height ${last}`);
      while (host.info().height > appAt) host.committed.pop();
      await reboot();
      await engine.untilHeight(last + 1);
      expect(host.info().height).to.equal(last + 1);
    }
    const { height } = await add(2000);
    expect(await version(Number(height))).to.equal('2');
    expect(await sum()).to.equal(host.committed.at(-1)?.sum);
  });

  it('does not mind garbage and other peers beside the engine', async () => {
    const peer = await Peer.connect(server?.address ?? '');
    peer.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(10)));
    await peer.closed;
    await until(() => ended.length > 0);
    expect(ended.at(-1)).to.match(/^ABCI connection 5 ended: a (frame|request) of 71 bytes /);
    expect((await add(5)).tx_result.code).to.equal(0);
    expect(fatal).to.deep.equal([]);
  });
});
