import { once } from 'node:events';
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeNodeMetrics } from '../../../lib/cli/chain/metrics/node-metrics.js';
import { serveNode } from '../../../lib/cli/chain/serve.js';
import { storePathOf } from '../../../lib/host/block-host/store-path.js';
import { initRequest, makeChain, makeHome, message, open } from '../../host/block-host/support.js';

const documented = new Set(
  [
    ...readFileSync(new URL('../../../docs/observability.md', import.meta.url), 'utf8').matchAll(
      /^\| `(swingset_\w+)`/gm,
    ),
  ].map(([, name]) => name),
);

const namesIn = (text: string): string[] =>
  [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name);

/** A node that runs until it is told to stop. */
const serve = (home: string, metricsPort: number) => {
  const stop = new AbortController();
  const lines: string[] = [];
  const waits: (() => void)[] = [];
  const outcome = serveNode(
    {
      command: 'chain start',
      home,
      json: false,
      platformEpoch: undefined,
      withEngine: false,
      engine: undefined,
      listen: undefined,
      metricsPort,
    },
    {
      log: line => {
        lines.push(line);
        waits.forEach(look => look());
      },
      stop: stop.signal,
      powers: {
        date: () => 0,
        delay: async () => undefined,
        self: { command: '', args: [] },
        path: '',
        parent: undefined,
      },
    },
  );
  const line = (pattern: RegExp): Promise<string> =>
    new Promise(resolve => {
      const look = (): void => {
        const found = lines.map(each => pattern.exec(each)?.[1]).find(each => each !== undefined);
        if (found !== undefined) resolve(found);
      };
      waits.push(look);
      look();
    });
  return {
    line,
    end: () => {
      stop.abort();
      return outcome;
    },
  };
};

const writeGenesisFile = (home: string): void => {
  mkdirSync(join(home, 'config'), { recursive: true });
  const genesis = { chain_id: 'spec', app_state: { platformEpoch: 'one' } };
  writeFileSync(join(home, 'config/genesis.json'), JSON.stringify(genesis));
};

describe('the metrics of a node', () => {
  it('show its blocks, its vats and their deliveries, under documented names', async () => {
    const before = await makeChain();
    await before.host.close();
    const metrics = makeNodeMetrics(storePathOf(before.home));
    const { slogSender } = metrics;
    before.host = await open(before.home, { ...(slogSender && { slogSender }) });
    const [outcome] = await before.act(message('app', 'add', 1));
    expect(outcome).to.deep.include({ state: 'fulfilled' });
    await before.block();
    const text = await metrics.render();
    expect(namesIn(text).filter(name => !documented.has(name))).to.deep.equal([]);
    const lines = text.split('\n');
    expect(lines).to.include.members([
      `swingset_block_height ${before.height - 1}`,
      'swingset_block_seconds_count 2',
      'swingset_delivery_seconds_count{vat="app",delivery="message"} 1',
      'swingset_run_queue_length 0',
      'swingset_vats{state="suspended"} 0',
    ]);
    expect(text).to.match(/^swingset_vats\{state="running"\} [1-9]/m);
    await before.host.close();
    await metrics.close();
  });

  it('begin before there is a chain, and outlive the store that they were read from', async () => {
    const { genesis } = await makeChain();
    const home = makeHome();
    const metrics = makeNodeMetrics(storePathOf(home));
    expect(namesIn(await metrics.render())).to.deep.equal([]);
    const host = await open(home);
    expect(namesIn(await metrics.render())).to.deep.equal([]);
    for (const height of [5, 9]) {
      // An engine that stopped before the first block asks again, and the store begins anew.
      await host.init(initRequest(genesis, height));
      expect(await metrics.render()).to.contain('\nswingset_block_height 0\n');
    }
    await host.close();
    await metrics.close();
  });

  it('are served on loopback by chain start --metrics-port, also while there is no chain', async () => {
    const { home, host, height } = await makeChain();
    await host.close();
    writeGenesisFile(home);
    const { line, end } = serve(home, 0);
    const url = await line(/^metrics at (http:\/\/127\.0\.0\.1:\d+\/metrics)$/);
    await line(/listening at (.*)/);
    const answer = await fetch(url);
    expect(answer.status).to.equal(200);
    expect(answer.headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).to.contain(`\nswingset_block_height ${height - 1}\n`);
    const nowhere = await fetch(url.replace('metrics', 'else'));
    expect(nowhere.status).to.equal(404);
    // Another site's page that knows this machine by a name of its own.
    const asked = request(url, { headers: { host: 'example.com' } }).end();
    const [foreign] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
    foreign.resume();
    expect(foreign.statusCode).to.equal(421);
    // A second node can't have the same port, and opens no store.
    const second = await serve(home, Number(new URL(url).port)).end();
    expect(second).to.have.property('kind', 'refused');
    expect((second as { message: string }).message).to.contain('EADDRINUSE');
    expect(await end()).to.deep.equal({ kind: 'stopped' });
    await fetch(url).then(
      () => expect.fail('it still answers'),
      () => undefined,
    );

    const empty = makeHome();
    writeGenesisFile(empty);
    const third = serve(empty, 0);
    const early = await fetch(await third.line(/^metrics at (.*)$/));
    expect(early.status).to.equal(200);
    expect(await third.end()).to.deep.equal({ kind: 'stopped' });
  });
});
