import { once } from 'node:events';
import { expect } from 'chai';
import { backoffPolicy, makeBackoff } from '../../../lib/cli/chain/supervisor/backoff.js';
import { startChild, stopChild } from '../../../lib/cli/chain/supervisor/child.js';
import type { Child } from '../../../lib/cli/chain/supervisor/child.js';
import { makeEngineFilter, splitLines } from '../../../lib/cli/chain/supervisor/engine-lines.js';
import { makeHealthWatch } from '../../../lib/cli/chain/supervisor/health.js';
import { serveHealth } from '../../../lib/cli/chain/supervisor/health-server.js';
import { supervise } from '../../../lib/cli/chain/supervisor/supervise.js';
import type { SuperviseOptions } from '../../../lib/cli/chain/supervisor/supervise.js';
import { head, openRaw } from '../../host/solo-server/raw-client.js';

/** A process that runs a script, which may send messages. */
const script = (source: string, onMessage: (message: unknown) => void = () => undefined): Child =>
  startChild({
    command: process.execPath,
    args: ['-e', source],
    cwd: process.cwd(),
    onOutput: () => undefined,
    onMessage,
  });

const LISTEN = "process.send({ type: 'listening' });";
const COMMIT = "process.send({ type: 'committed', height: 7 });";
const WAIT = 'setInterval(() => undefined, 1000);';
const quick = { ...backoffPolicy, maxFailures: 3, firstDelayMs: 1, maxDelayMs: 2 };

interface Scripts {
  /** One for each life; the last one goes on. */
  readonly app: readonly string[];
  readonly engine: readonly string[];
}

const run = (scripts: Scripts, options: Partial<SuperviseOptions> = {}) => {
  const lines: string[] = [];
  const lives = { app: 0, engine: 0 };
  const next = (part: 'app' | 'engine'): string => {
    const all = scripts[part];
    lives[part] += 1;
    return all[Math.min(lives[part], all.length) - 1] ?? '';
  };
  const controller = new AbortController();
  const watch = makeHealthWatch(() => Date.now(), 60);
  const outcome = supervise({
    startApp: onMessage => script(next('app'), onMessage),
    startEngine: () => script(next('engine')),
    stop: controller.signal,
    watch,
    log: line => void lines.push(line),
    now: () => performance.now(),
    graceMs: 5_000,
    backoff: quick,
    ...options,
  });
  return { outcome, lines, lives, watch, stop: () => controller.abort() };
};

describe('the supervisor of a node', () => {
  it('starts both again when the engine ends with exit code 0', async () => {
    const { outcome, lives, lines, stop, watch } = run(
      {
        app: [`${LISTEN}${COMMIT}${WAIT}`],
        engine: ['', '', WAIT],
      },
      { log: line => void (lines.push(line), lives.engine >= 3 && stop()) },
    );
    const timer = setInterval(() => lives.engine >= 3 && stop(), 10);
    expect(await outcome).to.deep.equal({ kind: 'stopped' });
    clearInterval(timer);
    expect(lives).to.deep.equal({ app: 3, engine: 3 });
    expect(watch.read().height).to.equal(7);
    expect(lines[0]).to.match(/^the engine ended with exit code 0; both start again in/);
  });

  it('gives up when the node ends at once again and again, and says why', async () => {
    const failed = JSON.stringify({
      type: 'failed',
      message: 'the disk is full',
      permanent: false,
    });
    const app = `process.send(${failed}, () => process.exit(1));`;
    const { outcome, lives } = run({ app: [app], engine: [WAIT] });
    expect(await outcome).to.deep.equal({
      kind: 'gave-up',
      message: 'the application ended with exit code 1: the disk is full',
    });
    expect(lives).to.deep.equal({ app: 4, engine: 0 });
  });

  it('does not start again what another start can not mend', async () => {
    for (const [message, outcome] of [
      [
        { type: 'upgrade-needed', message: 'install summer' },
        { kind: 'upgrade-needed', message: 'install summer' },
      ],
      [
        { type: 'failed', message: 'too early', permanent: true },
        { kind: 'refused', message: 'too early' },
      ],
    ]) {
      const app = `${LISTEN}process.send(${JSON.stringify(message)}, () => process.exit(1));`;
      const { outcome: found, lives } = run({ app: [app], engine: [WAIT] });
      expect(await found).to.deep.equal(outcome);
      expect(lives.app).to.equal(1);
    }
  });

  it('kills a process that ignores SIGTERM', async () => {
    const deaf = "process.on('SIGTERM', () => undefined);";
    const { outcome, lines, watch, stop } = run(
      { app: [`${deaf}${LISTEN}${COMMIT}${WAIT}`], engine: [WAIT] },
      { graceMs: 200 },
    );
    const timer = setInterval(() => watch.read().height === 7 && stop(), 10);
    expect(await outcome).to.deep.equal({ kind: 'stopped' });
    clearInterval(timer);
    expect(lines).to.deep.equal(['the application ignored SIGTERM, and was killed']);
  });

  it('reports a program that can not be started', async () => {
    const missing = startChild({
      command: '/no/such/program',
      args: [],
      cwd: process.cwd(),
      onOutput: () => undefined,
    });
    expect((await missing.exited).problem).to.match(/ENOENT/);
    await stopChild(missing, 10);
  });

  it('waits longer after each failure, and begins anew after progress', () => {
    const decide = makeBackoff();
    const failure = { ms: 100, committed: false };
    const delays = Array.from({ length: 6 }, () => decide(failure));
    expect(delays.map(each => (each.kind === 'restart' ? each.delayMs : each.kind))).to.deep.equal([
      500, 1000, 2000, 4000, 8000, 16_000,
    ]);
    expect(decide({ ms: 100, committed: true })).to.deep.equal({ kind: 'restart', delayMs: 500 });
    for (let count = 0; count < 5; count += 1) decide(failure);
    expect(decide({ ms: 60_000, committed: false })).to.deep.equal({
      kind: 'restart',
      delayMs: 500,
    });
    for (let count = 0; count < 5; count += 1) decide(failure);
    expect(decide(failure)).to.deep.equal({ kind: 'give-up' });
  });
});

describe("a node's health", () => {
  it('is bad while the height stands still', async () => {
    let now = 0;
    const watch = makeHealthWatch(() => now, 30);
    expect(watch.read()).to.deep.include({ healthy: false, reason: 'starting' });
    watch.setPhase('running');
    watch.committed(5);
    expect(watch.read()).to.deep.equal({ healthy: true, height: 5, secondsSinceBlock: 0 });
    now = 29_999;
    expect(watch.tick()).to.equal(undefined);
    now = 30_000;
    expect(watch.tick()).to.equal('warning: the height stands still at 5, for 30 s');
    expect(watch.tick()).to.equal(undefined);

    const server = await serveHealth('127.0.0.1:0', watch.read);
    const url = `http://127.0.0.1:${server.port}`;
    const ill = await fetch(`${url}/health`);
    expect([ill.status, await ill.json()]).to.deep.equal([
      503,
      {
        healthy: false,
        height: 5,
        secondsSinceBlock: 30,
        reason: 'the height stands still at 5, for 30 s',
      },
    ]);
    watch.committed(6);
    expect(watch.tick()).to.equal('the height moves again, 6');
    expect((await fetch(`${url}/health`)).status).to.equal(200);
    expect((await fetch(`${url}/other`)).status).to.equal(404);
    await server.close();
  });

  it('answers whatever clients send to its health, which can not end the node', async () => {
    const watch = makeHealthWatch(() => 0, 30);
    const server = await serveHealth('127.0.0.1:0', watch.read);
    const targets = ['//', 'http://[', '///health', '/%', '*', '/health?a=//'];
    const statuses = [];
    for (const target of targets) {
      const raw = openRaw(server.port);
      raw.write(head(`GET ${target}`, { connection: 'close' }));
      await raw.ended;
      statuses.push(...raw.statuses());
      raw.socket.destroy();
    }
    expect(statuses).to.eql(['404', '404', '404', '404', '404', '503']);
    await server.close();
  });

  it('holds no more connections for its health than a few', async () => {
    const watch = makeHealthWatch(() => 0, 30);
    const server = await serveHealth('127.0.0.1:0', watch.read);
    const idle = Array.from({ length: 64 }, () => openRaw(server.port));
    await Promise.all(idle.map(({ socket }) => once(socket, 'connect')));
    const oneMore = openRaw(server.port);
    await oneMore.ended;
    for (const { socket } of [...idle, oneMore]) socket.destroy();
    await Promise.all(idle.map(({ ended }) => ended));
    await server.close();
  });
});

describe("the engine's log", () => {
  it('is shown where it tells of errors', () => {
    const shown: string[] = [];
    const isWorthShowing = makeEngineFilter();
    const lines = splitLines(line => {
      if (isWorthShowing(line)) shown.push(line);
    });
    const text = 'I[2026-01-02|03:04:05.678] fine\nE[2026-01-02|03:04:05.678] bad\n\npanic: x\n';
    for (const byte of Buffer.from(text)) lines.write(Uint8Array.of(byte));
    for (let line = 0; line < 40; line += 1) lines.write(Buffer.from(`goroutine ${line}\n`));
    lines.write(Buffer.from('E[2026-01-02|03:04:05.678] the last'));
    lines.end();
    expect(shown.slice(0, 3)).to.deep.equal([
      'E[2026-01-02|03:04:05.678] bad',
      'panic: x',
      'goroutine 0',
    ]);
    expect(shown).to.have.length(14);
    expect(shown.at(-1)).to.match(/the last$/);
  });
});
