/** A node of a chain in processes of its own, as `swingset-kernel chain start` runs it. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeRpcClient } from '../../../lib/cli/chain/client/rpc-client.js';
import type { RpcClient } from '../../../lib/cli/chain/client/rpc-client.js';
import type { Moment } from './moments.js';

// The nodes' processes run in their homes, so paths are absolute.
const realProgram = fileURLToPath(new URL('../../../bin/swingset-kernel.js', import.meta.url));
/** Its applications die where a spec says. */
const mortalProgram = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Puts the `@agoric/xsnap` below the directory OTHER_XSNAP in the place of this project's. */
const otherXsnap = fileURLToPath(
  new URL('../../platform-epoch/support/other-xsnap.mjs', import.meta.url),
);

export interface NodeOptions {
  readonly home: string;
  /** `http://127.0.0.1:26657` */
  readonly rpc: string;
  readonly engine: string;
}

export interface StartOptions {
  /** The software's; default: the genesis'. */
  readonly platformEpoch?: string;
  /** With an application that dies at moments of the spec's choice. */
  readonly mortal?: boolean;
  /** Another program in place of `swingset-kernel`. */
  readonly program?: string;
  /** Its workers run on the `@agoric/xsnap` that is installed below this directory. */
  readonly xsnapFrom?: string | undefined;
}

export interface NodeExit {
  readonly code: number | null;
  readonly output: string;
}

/** Every node that runs, so that none outlives the spec. */
const running = new Set<ChainNode>();

const childrenOf = (pid: number): readonly number[] => {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

const commandLineOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
};

export class ChainNode {
  readonly home: string;
  readonly client: RpcClient;
  readonly #engine: string;
  #process: ChildProcess | undefined;
  #exited: Promise<NodeExit> | undefined;
  #output = '';

  constructor({ home, rpc, engine }: NodeOptions) {
    this.home = home;
    this.client = makeRpcClient(rpc, { timeoutMs: 30_000 });
    this.#engine = engine;
  }

  get endpoint(): string {
    return this.client.endpoint;
  }

  /** What the command has printed in this life. */
  get output(): string {
    return this.#output;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  start({ platformEpoch, mortal = false, program, xsnapFrom }: StartOptions = {}): void {
    const source = program ?? (mortal ? mortalProgram : undefined);
    if (this.#process) throw Error(`${this.home} runs already`);
    this.#output = '';
    const child = spawn(
      process.execPath,
      [
        ...(source === undefined
          ? [realProgram]
          : ['--import', import.meta.resolve('tsx/esm'), source]),
        ...['chain', 'start', `--home=${this.home}`, `--engine=${this.#engine}`],
        ...(platformEpoch === undefined ? [] : [`--platform-epoch=${platformEpoch}`]),
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env:
          xsnapFrom === undefined
            ? process.env
            : { ...process.env, OTHER_XSNAP: xsnapFrom, NODE_OPTIONS: `--import=${otherXsnap}` },
      },
    );
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-200_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#process = child;
    running.add(this);
    this.#exited = new Promise(resolve => {
      child.once('close', code => {
        this.#process = undefined;
        running.delete(this);
        resolve({ code, output: this.#output });
      });
    });
  }

  /** Resolves when the command has ended. */
  async exited(): Promise<NodeExit> {
    if (!this.#exited) throw Error(`${this.home} was never started`);
    return this.#exited;
  }

  async stop(): Promise<NodeExit> {
    this.#process?.kill('SIGTERM');
    return this.exited();
  }

  /** The application's or the engine's process. */
  pidOf(part: 'app' | 'engine'): number | undefined {
    const pid = this.#process?.pid;
    const mark = part === 'app' ? '--no-engine' : '--proxy_app';
    return pid === undefined
      ? undefined
      : childrenOf(pid).find(child => commandLineOf(child).includes(mark));
  }

  /** kill -9. Does nothing if the process is between two lives. */
  kill(part: 'app' | 'engine' | 'both'): boolean {
    const pids = (part === 'both' ? (['app', 'engine'] as const) : [part]).flatMap(
      each => this.pidOf(each) ?? [],
    );
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself just now.
      }
    }
    return pids.length > 0;
  }

  /** kill -9 for the supervisor alone. Its children must notice. */
  killSupervisor(): void {
    this.#process?.kill('SIGKILL');
  }

  /** The application dies when it next gets there. */
  dieAt(moment: Moment): void {
    writeFileSync(join(this.home, 'die-at'), moment);
  }

  /** Has the application died at its moment? */
  get hasDied(): boolean {
    return !existsSync(join(this.home, 'die-at'));
  }

  forgetDeath(): void {
    rmSync(join(this.home, 'die-at'), { force: true });
  }

  /** 0 while the node does not answer. */
  async height(): Promise<number> {
    try {
      return Number((await this.client.status()).height);
    } catch {
      return 0;
    }
  }

  /** @throws Error when the command ends before, or after twenty minutes (machines are busy) */
  async reaches(height: number, timeoutMs = 1_200_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      if ((await this.height()) >= height) return;
      if (!this.isRunning) throw Error(`${this.home} ended:\n${this.#output.slice(-4000)}`);
      if (Date.now() > deadline) {
        const at = await this.height();
        throw Error(`${this.home} is at ${at}, not ${height}:\n${this.#output.slice(-4000)}`);
      }
      await delay(100);
    }
  }

  /** The newest finished snapshots of the application. */
  snapshots(): readonly number[] {
    const path = join(this.home, 'data/snapshots');
    if (!existsSync(path)) return [];
    return readdirSync(path)
      .filter(name => /^\d+$/.test(name))
      .map(Number);
  }
}

/** For `afterEach`: no process outlives its spec, not even one that hangs. */
export const stopAllNodes = async (): Promise<void> => {
  await Promise.all([...running].map(node => node.stop()));
};
