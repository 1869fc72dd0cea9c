/** The command line in processes of its own, as an operator uses it. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeClient } from '../host/solo-server/client.js';
import { until } from '../support/processes.js';

const bin = fileURLToPath(new URL('../../bin/swingset-kernel.js', import.meta.url));

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end. */
export const command = (...args: string[]): Promise<Outcome> =>
  new Promise(resolve => {
    execFile(process.execPath, [bin, ...args], (error, stdout, stderr) => {
      const code = error ? Number((error as { code?: number }).code ?? -1) : 0;
      resolve({ code, stdout, stderr });
    });
  });

interface Started {
  readonly url: string;
  readonly report?: {
    readonly vats: readonly { readonly name?: string; readonly result: string }[];
  };
}

/** A command that prints a line of JSON once it listens. */
export const startListening = async <Said>(name: string, ...args: string[]) => {
  const child = spawn(process.execPath, [bin, name, '--json', ...args]);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  await until(() => stdout.includes('\n') || child.exitCode !== null);
  if (!stdout.includes('\n')) throw Error(stderr);
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal);
    return { how: await closed, stderr };
  };
  return { said: JSON.parse(stdout) as Said, pid: child.pid!, end };
};

/** `start`, once it listens. */
export const startServer = async (home: string, ...args: string[]) => {
  const { said, ...process } = await startListening<Started>('start', '--home', home, ...args);
  const token = readFileSync(join(home, 'solo-token'), 'utf8').trim();
  return { ...makeClient(said.url, token), ...said, token, ...process };
};
