/** Starts processes until a signal says stop: then those that run are killed, and none starts. */
import type { ChildProcess, spawn as Spawn } from 'node:child_process';

export const makeStoppableSpawn = (
  spawn: typeof Spawn,
  signal: AbortSignal | undefined,
): typeof Spawn => {
  if (!signal) return spawn;
  const running = new Set<ChildProcess>();
  signal.addEventListener('abort', () => running.forEach(child => child.kill('SIGKILL')), {
    once: true,
  });
  return ((command: string, args: readonly string[], options: object) => {
    signal.throwIfAborted();
    const child = spawn(command, args, options);
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  }) as typeof Spawn;
};
