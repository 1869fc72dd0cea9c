import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const writer = fileURLToPath(new URL('writer.ts', import.meta.url));

/** Starts `writer.ts` on a store in a process of its own. */
export const startWriter = (dirPath: string, command: 'run' | 'hold'): ChildProcess =>
  fork(writer, [dirPath, command], { execArgv: ['--import', 'tsx/esm'] });

/** Ends the process at once, as kill -9 or a power cut of the process would. */
export const killNow = async (child: ChildProcess): Promise<void> => {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
};

/** The next message of a child; its end before that is an error. */
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
