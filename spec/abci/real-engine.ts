/** CometBFT as the one validator of a chain, in a folder and at sockets of its own. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';

const LOOK_AGAIN_MS = 50;

const pause = (): Promise<void> => new Promise(resolve => setTimeout(resolve, LOOK_AGAIN_MS));

export class RealEngine {
  #child: ChildProcess | undefined;
  #closed: Promise<unknown> | undefined;
  #log = '';

  constructor(
    readonly program: string,
    readonly home: string,
  ) {}

  /** @param appVersion - That of the genesis; what `Info` answers. */
  init(appVersion: bigint): void {
    execFileSync(this.program, ['init', '--home', this.home], { stdio: 'ignore' });
    const path = join(this.home, 'config/genesis.json');
    const genesis = JSON.parse(readFileSync(path, 'utf8')) as {
      consensus_params: { version: { app: string } };
    };
    genesis.consensus_params.version.app = String(appVersion);
    writeFileSync(path, JSON.stringify(genesis));
  }

  start(application: string): void {
    this.#log = '';
    // A killed engine leaves it.
    rmSync(this.#rpcPath, { force: true });
    const child = spawn(
      this.program,
      [
        'start',
        ...['--home', this.home, '--proxy_app', application],
        ...['--rpc.laddr', `unix://${this.#rpcPath}`, '--p2p.laddr', 'tcp://127.0.0.1:0'],
        '--consensus.create_empty_blocks=false',
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const note = (chunk: Buffer): void => void (this.#log += chunk.toString());
    child.stdout.on('data', note);
    child.stderr.on('data', note);
    this.#child = child;
    this.#closed = once(child, 'close');
  }

  get #rpcPath(): string {
    return join(this.home, 'rpc.sock');
  }

  get log(): string {
    return this.#log;
  }

  /** The exit status, when the log is whole: its last words may come after the exit. */
  async ended(): Promise<number | null> {
    await this.#closed;
    return this.#child?.exitCode ?? null;
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.ended();
  }

  rollback(): string {
    const output = execFileSync(this.program, ['rollback', '--home', this.home]);
    return output.toString();
  }

  /** The result of one call. @throws its error */
  async call<T>(path: string): Promise<T> {
    const asked = request({ socketPath: this.#rpcPath, path, headers: { host: 'localhost' } });
    asked.end();
    const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const { result, error } = JSON.parse(Buffer.concat(chunks).toString()) as {
      readonly result?: T;
      readonly error?: unknown;
    };
    if (result === undefined) throw Error(`${path}: ${JSON.stringify(error)}`);
    return result;
  }

  /** Asks again until the engine answers as wanted, or has ended. */
  async until<T>(path: string, isWanted: (result: T) => boolean): Promise<T> {
    for (;;) {
      if (this.#child?.exitCode !== null) throw Error(`the engine has ended: ${this.#log}`);
      const result = await this.call<T>(path).catch(() => undefined);
      if (result !== undefined && isWanted(result)) return result;
      await pause();
    }
  }

  /** Until the engine's own state has reached a height. */
  async untilHeight(height: number): Promise<void> {
    await this.until<{ sync_info: { latest_block_height: string } }>(
      '/status',
      ({ sync_info }) => Number(sync_info.latest_block_height) >= height,
    );
  }
}
