import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const writer = fileURLToPath(new URL('writer.ts', import.meta.url));

/** Starts `writer.ts` on a store, in its own process. */
export const startWriter = (dirPath: string, command: 'run' | 'hold'): ChildProcess =>
  fork(writer, [dirPath, command], { execArgv: ['--import', 'tsx/esm'] });

/** Kills the process, as `kill -9` does. */
export const killNow = async (child: ChildProcess): Promise<void> => {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
};

/** The child's next message. Rejects if the child ends first. */
export const nextMessage = async <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      reject(new Error(`the writer ended with code ${code} and said nothing`));
    };
    child.once('exit', onExit);
    child.once('message', message => {
      child.off('exit', onExit);
      resolve(message as T);
    });
  });
