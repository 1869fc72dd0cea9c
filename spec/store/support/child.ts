import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const writer = fileURLToPath(new URL('writer.ts', import.meta.url));

/** Starts `writer.ts` on a store, in its own process. */
export const startWriter = (dirPath: string, command: 'run' | 'hold'): ChildProcess =>
  fork(writer, [dirPath, command], { execArgv: ['--import', 'tsx/esm'] });

/** Resolves when the process has ended, before or after the call. */
export const untilEnded = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

/** Kills the process, as `kill -9` does. */
export const killNow = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGKILL');
  await untilEnded(child);
};

/** The child's next message. Rejects if there is none to come. */
export const nextMessage = async <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    // Not at the exit: the last message may come after it.
    const onDisconnect = (): void => {
      const { exitCode, signalCode } = child;
      reject(new Error(`the writer ended with ${signalCode ?? exitCode} and said nothing`));
    };
    child.once('disconnect', onDisconnect);
    child.once('message', message => {
      child.off('disconnect', onDisconnect);
      resolve(message as T);
    });
  });
