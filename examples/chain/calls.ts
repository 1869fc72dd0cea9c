/** What the example asks of the chain, by the commands that an operator types. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/swingset-kernel.js', import.meta.url));

const command = (...args: string[]): Promise<unknown> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, [program, 'chain', ...args, '--json'], (error, stdout, stderr) => {
      if (error) reject(Error(stderr || error.message));
      else resolve(JSON.parse(stdout));
    });
  });

interface Sent {
  readonly result?: { readonly state: string; readonly value: unknown };
}

/** @param home - The directory of the four homes. */
export const makeChainCalls = (home: string) => {
  const node = ['--home', join(home, 'node0')];
  const key = ['--key', join(home, 'admin-key.json')];
  const message = async (...args: string[]): Promise<unknown> => {
    const { result } = (await command(
      'tx',
      'message',
      ...args,
      '--result',
      ...node,
      ...key,
    )) as Sent;
    if (result?.state !== 'fulfilled') throw Error(`${args.join(' ')}: ${JSON.stringify(result)}`);
    return result.value;
  };
  const height = async (): Promise<number> => {
    const { engine } = (await command('status', ...node)) as { engine: { height: number } };
    return engine.height;
  };
  return {
    height,
    waitForHeight: async (wanted: number): Promise<void> => {
      // The node may not answer yet.
      while ((await height().catch(() => 0)) < wanted) await delay(500);
    },
    post: (text: string) => message('board', 'post', JSON.stringify(text)),
    read: () => message('board', 'read'),
    scheduleUpgrade: (name: string, at: number) =>
      command('tx', 'upgrade', name, '--at', `${at}`, ...node, ...key),
  };
};
