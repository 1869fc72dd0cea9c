/** A child process as the supervisor sees it. */
import { spawn } from 'node:child_process';

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The program could not be started. */
  readonly problem?: string;
}

export interface Child {
  readonly exited: Promise<Exit>;
  readonly kill: (signal: 'SIGTERM' | 'SIGKILL') => void;
}

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** What it writes to stdout and stderr. */
  readonly onOutput: (chunk: Uint8Array) => void;
  /** What it sends to its parent. With it, the child learns of the parent's death. */
  readonly onMessage?: (message: unknown) => void;
}

export const startChild = ({ command, args, cwd, onOutput, onMessage }: ChildOptions): Child => {
  // In a process group of its own: Ctrl-C in a terminal must reach the supervisor alone, which
  // stops its children in order.
  const child = spawn(command, args, {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', ...(onMessage ? (['ipc'] as const) : [])],
  });
  child.stdout?.on('data', onOutput);
  child.stderr?.on('data', onOutput);
  if (onMessage) child.on('message', onMessage);
  const exited = new Promise<Exit>(resolve => {
    child.once('error', error => {
      if (child.pid === undefined) resolve({ code: null, signal: null, problem: error.message });
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return { exited, kill: signal => void child.kill(signal) };
};

export const describeExit = ({ code, signal, problem }: Exit): string => {
  if (problem !== undefined) return `could not be started: ${problem}`;
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
};

/** Resolves to true once `promise` settles, or to false after `ms`. */
const within = async (promise: Promise<unknown>, ms: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>(resolve => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const result = await Promise.race([promise.then(() => true), timeout]);
  clearTimeout(timer);
  return result;
};

/** Asks a child to end; ends it when it does not. @returns was force needed? */
export const stopChild = async (child: Child, graceMs: number): Promise<boolean> => {
  child.kill('SIGTERM');
  if (await within(child.exited, graceMs)) return false;
  child.kill('SIGKILL');
  await child.exited;
  return true;
};
