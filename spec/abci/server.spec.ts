import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import type { AbciRequest, AbciResponse } from '../../lib/abci/codec.js';
import { serveConnection } from '../../lib/abci/connection.js';
import { AbciAddressError } from '../../lib/abci/errors.js';
import { startAbciServer, type AbciServer } from '../../lib/abci/server.js';
import { failureOf } from '../support/failure.js';
import { until } from '../support/processes.js';
import { frameRequest, kindOf, makeGate, Peer } from './support.js';

const echoOnly = (request: AbciRequest): AbciResponse =>
  request.kind === 'echo'
    ? { kind: 'echo', value: { message: request.value.message } }
    : { kind: 'flush', value: {} };

describe('the ABCI server', () => {
  let folder: string;
  let server: AbciServer;
  let lines: string[];
  let fatal: unknown[];
  const peers: Peer[] = [];

  const console = {
    log: (line: string) => void lines.push(line),
    warn: (line: string) => void lines.push(`warning: ${line}`),
  };

  const start = async (
    handle: (request: AbciRequest) => Promise<AbciResponse> | AbciResponse = echoOnly,
    address = `unix://${join(folder, 'app.sock')}`,
  ): Promise<void> => {
    server = await startAbciServer({
      address,
      handle,
      onFatal: error => void fatal.push(error),
      console,
      maxFrameBytes: 20_000_000,
    });
  };

  const connect = async (): Promise<Peer> => {
    const peer = await Peer.connect(server.address);
    peers.push(peer);
    return peer;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'abci-'));
    lines = [];
    fatal = [];
  });
  afterEach(async () => {
    for (const peer of peers.splice(0)) peer.close();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  for (const address of ['unix', 'tcp']) {
    it(`answers in order, on each of several connections at once (${address})`, async () => {
      const first = makeGate();
      const handle = async (request: AbciRequest): Promise<AbciResponse> => {
        // The first connection stands still until the second has all its answers.
        if (request.kind === 'echo' && request.value.message === 'one 0') await first.opened;
        return echoOnly(request);
      };
      await start(handle, address === 'tcp' ? 'tcp://127.0.0.1:0' : undefined);
      const [one, two] = [await connect(), await connect()];
      const messages = (name: string): string[] =>
        Array.from({ length: 300 }, (_, index) => `${name} ${index}`);
      for (const [peer, name] of [
        [one, 'one'],
        [two, 'two'],
      ] as const) {
        peer.send(...messages(name).map(message => ({ echo: { message } })), { flush: {} });
      }
      const answers = async (peer: Peer): Promise<(string | undefined)[]> =>
        (await peer.receiveMany(301)).map(each => each?.echo?.message ?? kindOf(each));
      expect(await answers(two)).to.deep.equal([...messages('two'), 'flush']);
      first.open();
      expect(await answers(one)).to.deep.equal([...messages('one'), 'flush']);
    });
  }

  it('answers requests that arrive byte by byte, and requests over 5 MB', async () => {
    await start();
    const peer = await connect();
    peer.socket.setNoDelay(true);
    for (const byte of frameRequest({ echo: { message: 'slow' } })) peer.write(Uint8Array.of(byte));
    expect((await peer.ask({ flush: {} })).echo?.message).to.equal('slow');
    await peer.receive();
    const message = 'x'.repeat(6_000_000);
    expect((await peer.ask({ echo: { message } })).echo?.message).to.equal(message);
  });

  it('ends a connection that sends garbage, says why, and serves the others', async () => {
    await start();
    const good = await connect();
    const random = fc.sample(fc.uint8Array({ minLength: 20, maxLength: 200 }), 20);
    const garbage: readonly (readonly [bytes: Uint8Array, reason: RegExp])[] = [
      [
        Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(3)),
        /^a (frame|request) of 71 /,
      ],
      [
        Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80),
        /^the length of a frame has more than 5 bytes$/,
      ],
      [
        Uint8Array.of(0xff, 0xff, 0xff, 0x7f),
        /^a frame announces 268435455 bytes or more, over the/,
      ],
      [Uint8Array.of(0), /^a request of 0 bytes has no kind that is known here/],
      [
        frameRequest({ echo: { message: 'x' }, flush: {} }),
        /^a request is of several kinds at once/,
      ],
      ...random.map(bytes => [Buffer.concat([Uint8Array.of(bytes.length), bytes]), /./] as const),
    ];
    for (const [bytes, reason] of garbage) {
      const bad = await connect();
      const { number } = /connection (?<number>\d+) opened/.exec(lines.at(-1) ?? '')?.groups ?? {};
      bad.write(bytes);
      bad.socket.end();
      const answers: string[] = [];
      for (let next = await bad.receive(); next; next = await bad.receive()) {
        answers.push(next.exception?.error ?? kindOf(next));
      }
      await bad.closed;
      expect(answers.at(-1)).to.match(reason);
      // `Uint8Array.of(…)` of random bytes may be a request by chance, and ends in order.
      const told = new RegExp(`connection ${number} (ended: |closed)`);
      await until(() => told.test(lines.at(-1) ?? ''));
      expect((await good.ask({ echo: { message: 'still here' } })).echo?.message).to.equal(
        'still here',
      );
    }
    expect(fatal).to.deep.equal([]);
  });

  it('says so when a peer closes in the midst of a request, and when it closes in order', async () => {
    await start();
    const broken = await connect();
    broken.socket.end(frameRequest({ echo: { message: 'x' } }).subarray(0, 3));
    await broken.closed;
    const orderly = await connect();
    await orderly.ask({ echo: { message: 'x' } });
    orderly.socket.end();
    await orderly.closed;
    expect(lines).to.deep.equal([
      'ABCI connection 1 opened',
      'warning: ABCI connection 1 ended: the peer closed it in the midst of a request',
      'ABCI connection 2 opened',
      'ABCI connection 2 closed',
    ]);
  });

  it('tells the peer and then its owner, once, when the application fails', async () => {
    const error = Error('disk \u001b[31m full');
    await start(request => {
      if (request.kind === 'commit') throw error;
      return echoOnly(request);
    });
    const [one, two] = [await connect(), await connect()];
    for (const peer of [one, two]) {
      peer.send({ commit: {} }, { flush: {} });
      const answer = await peer.receive();
      expect(answer?.exception?.error).to.equal(error.message);
      await peer.closed;
    }
    const ends = [1, 2].map(
      number => `warning: ABCI connection ${number} ended: disk \\u001b[31m full`,
    );
    await until(() => ends.every(line => lines.includes(line)));
    expect(fatal).to.deep.equal([error]);
  });

  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 100; turn += 1) await new Promise(resolve => setImmediate(resolve));
  };

  it('lets a peer that still writes read why the application failed', async () => {
    let failures = 0;
    await start(() => {
      failures += 1;
      throw Error('disk full');
    });
    const peer = await connect();
    peer.socket.pause();
    peer.send({ commit: {} });
    await until(() => failures === 1);
    await turns();
    // As an engine does whose flush is late.
    peer.send({ flush: {} });
    await turns();
    peer.socket.resume();
    expect((await peer.receive())?.exception?.error).to.equal('disk full');
    await peer.closed;
    await until(() => fatal.length === 1);
    expect(failures).to.equal(1);
  });

  it('waits a second, not for ever, for a peer to hang up', async () => {
    const reasons: string[] = [];
    const stream = new Duplex({
      read: () => undefined,
      // It takes nothing, and never ends.
      write: () => undefined,
    });
    const ended = serveConnection(stream, {
      handle: () => {
        throw Error('disk full');
      },
      maxFrameBytes: 1000,
      onFailure: error => void reasons.push((error as Error).message),
    });
    stream.push(frameRequest({ commit: {} }));
    expect(await ended).to.equal('disk full');
    expect(reasons).to.deep.equal(['disk full']);
    expect(stream.destroyed).to.equal(true);
    await start();
  });

  it('writes at Flush and when nothing more has arrived, and not for each request', async () => {
    const writes: string[] = [];
    const requests = ['a', 'b', 'c'].map(message => ({ echo: { message } }));
    const stream = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        writes.push(chunk.toString('latin1').replaceAll(/[^a-z]/g, ''));
        done();
      },
    });
    const ended = serveConnection(stream, {
      handle: echoOnly,
      maxFrameBytes: 1000,
      onFailure: error => void fatal.push(error),
    });
    stream.push(Buffer.concat([...requests, { flush: {} }, ...requests].map(frameRequest)));
    stream.push(null);
    expect(await ended).to.equal(undefined);
    expect(writes).to.deep.equal(['abc', 'abc']);
    await start();
  });

  it('neither reads nor answers on while the peer takes no answers', async () => {
    let handled = 0;
    const taken: (() => void)[] = [];
    const arrived = makeGate();
    const stream = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => {
        taken.push(() => done());
        arrived.open();
      },
    });
    const ended = serveConnection(stream, {
      handle: request => {
        handled += 1;
        return echoOnly(request);
      },
      maxFrameBytes: 10_000_000,
      onFailure: error => void fatal.push(error),
    });
    const large = frameRequest({ echo: { message: 'x'.repeat(600_000) } });
    // Two answers are over the limit of what may wait unwritten.
    stream.push(Buffer.concat([large, large, large, large]));
    await arrived.opened;
    await turns();
    expect(handled).to.equal(2);
    taken.shift()?.();
    stream.push(null);
    while (handled < 4) await new Promise(resolve => setImmediate(resolve));
    while (taken.length === 0) await new Promise(resolve => setImmediate(resolve));
    taken.shift()?.();
    expect(await ended).to.equal(undefined);
    expect(handled).to.equal(4);
    await start();
  });

  it('lets others be served while one connection sends many requests at once', async () => {
    let served = 0;
    const order: string[] = [];
    await start(request => {
      if (request.kind === 'echo') order.push(request.value.message);
      served += 1;
      return echoOnly(request);
    });
    const [many, few] = [await connect(), await connect()];
    await few.ask({ echo: { message: 'ready' } });
    const requests = Array.from({ length: 2000 }, () => ({ echo: { message: 'many' } }));
    many.send(...requests);
    few.send({ echo: { message: 'few' } });
    await Promise.all([many.receiveMany(2000), few.receive()]);
    expect(served).to.equal(2003);
    expect(order.indexOf('few')).to.be.lessThan(1500);
  });

  it('takes a connection later if the process has no files left when it comes (issue 18)', async () => {
    await start(echoOnly, 'tcp://127.0.0.1:0');
    const { port } = new URL(server.address);
    // Takes this process's files, connects, and gives them back when it is told to.
    const script = `
      prlimit --pid ${process.pid} --nofile=3:
      exec 3<>/dev/tcp/127.0.0.1/${port}
      echo connected
      read
      prlimit --pid ${process.pid} --nofile=$(ulimit -Hn):
      read`;
    const other = spawn('bash', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    // The server looks at its socket in each.
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(lines).to.deep.equal([]);
    other.stdin.write('\n');
    await until(() => lines.length > 0);
    expect(lines).to.deep.equal(['ABCI connection 1 opened']);
    other.stdin.end('\n');
    await once(other, 'exit');
  });

  describe('at a unix socket', () => {
    const listenElsewhere = async (path: string) => {
      const code = `require('net').createServer().listen(${JSON.stringify(path)},()=>console.log(1))`;
      const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      return child;
    };

    it('takes the place of one that a dead process left', async () => {
      const path = join(folder, 'app.sock');
      const child = await listenElsewhere(path);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(existsSync(path)).to.equal(true);
      await start();
      const peer = await connect();
      expect((await peer.ask({ echo: { message: 'x' } })).echo?.message).to.equal('x');
      expect(statSync(path).mode & 0o777).to.equal(0o600);
      await server.close();
      expect(existsSync(path)).to.equal(false);
    });

    it('leaves one alone at which another process listens', async () => {
      await start();
      const peer = await connect();
      const error = await failureOf(
        startAbciServer({ address: server.address, handle: echoOnly, onFatal: () => {}, console }),
      );
      expect(error).to.be.instanceOf(AbciAddressError);
      expect((error as Error).message).to.match(/another process listens there; stop it/);
      expect((await peer.ask({ echo: { message: 'x' } })).echo?.message).to.equal('x');
    });

    it('leaves alone what is no socket', async () => {
      const path = join(folder, 'file');
      writeFileSync(path, 'precious');
      const error = await failureOf(start(echoOnly, `unix://${path}`));
      expect((error as Error).message).to.equal(
        `ABCI address "unix://${path}": there is another kind of file at its path`,
      );
      expect(readFileSync(path, 'utf8')).to.equal('precious');
      await start();
    });
  });

  it('refuses addresses that it can not listen at', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const refused: readonly (readonly [address: string, problem: RegExp])[] = [
      ['', /expected unix:\/\/\/path or tcp:\/\/host:port/],
      ['127.0.0.1:26658', /expected unix:/],
      ['unix://', /names no path/],
      [
        `unix:///${'x'.repeat(107)}`,
        /its path has 108 bytes, and sockets take at most 107; use tcp/,
      ],
      ['unix:///none/app.sock', /EACCES|ENOENT/],
      ['tcp://127.0.0.1', /expected tcp:\/\/host:port/],
      ['tcp://127.0.0.1:65536', /expected tcp:\/\/host:port/],
      [`tcp://127.0.0.1:${port}`, /EADDRINUSE/],
    ];
    for (const [address, problem] of refused) {
      const error = await failureOf(start(echoOnly, address), address);
      expect(error).to.be.instanceOf(AbciAddressError).and.include({ code: 'ABCI_ADDRESS' });
      expect((error as Error).message).to.match(problem);
    }
    other.close();
    await start();
  });

  it('warns of an address that other machines reach', async () => {
    await start(echoOnly, 'tcp://0.0.0.0:0');
    expect(lines).to.deep.equal([
      'warning: tcp://0.0.0.0:0 is open to other machines: ' +
        'whoever connects to it decides what this node executes',
    ]);
    await server.close();
    await start(echoOnly, 'tcp://[::1]:0').catch(() => start());
    expect(lines).to.have.lengthOf(1);
  });
});
