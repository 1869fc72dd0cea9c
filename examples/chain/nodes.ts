/** The processes of four nodes. An operator has one on each machine, under a process manager. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/swingset-kernel.js', import.meta.url));

export interface NodesOptions {
  readonly home: string;
  readonly engine: string | undefined;
  /** Of the software. Default: the genesis'. */
  readonly platformEpoch?: string;
}

export interface RunningNode {
  /** Resolves to the exit code. */
  readonly exited: Promise<number | null>;
  readonly stop: () => Promise<unknown>;
}

const startNode = (name: string, { home, engine, platformEpoch }: NodesOptions): RunningNode => {
  const child = spawn(
    process.execPath,
    [
      program,
      ...['chain', 'start', `--home=${join(home, name)}`],
      ...(engine === undefined ? [] : [`--engine=${engine}`]),
      ...(platformEpoch === undefined ? [] : [`--platform-epoch=${platformEpoch}`]),
    ],
    // Its output says what went wrong, if anything does.
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const exited = new Promise<number | null>(resolve => child.once('close', resolve));
  return {
    exited,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
};

export const startNodes = (options: NodesOptions): readonly RunningNode[] =>
  ['node0', 'node1', 'node2', 'node3'].map(name => startNode(name, options));
