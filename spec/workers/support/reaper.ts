import { spawn as nodeSpawn, type ChildProcess } from 'node:child_process';

/** Kills one vat's workers: those that run now, and a given number of later ones. */
export const makeReaper = (name: string) => {
  const running: ChildProcess[] = [];
  let doomed = 0;
  const spawn = ((command: string, args: readonly string[], options: object) => {
    const child = nodeSpawn(command, args, options);
    if (args[0]?.endsWith(`:${name}`)) {
      running.push(child);
      if (doomed > 0) {
        doomed -= 1;
        child.kill('SIGKILL');
      }
    }
    return child;
  }) as typeof nodeSpawn;
  /** @returns the number of killed workers */
  const kill = async (more: number): Promise<number> => {
    doomed = more;
    const ends = running
      .splice(0)
      .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      .map(child => new Promise(resolve => child.once('exit', resolve) && child.kill('SIGKILL')));
    await Promise.all(ends);
    return ends.length;
  };
  return { spawn, kill, doomed: () => doomed };
};
