import { spawn as nodeSpawn, type ChildProcess } from 'node:child_process';

export interface Gate {
  readonly spawn: typeof nodeSpawn;
  /** Workers stopped at their start. They stay so until they are let in, or killed. */
  readonly stopped: readonly ChildProcess[];
  /** Later workers don't stop. */
  readonly letNewIn: () => void;
  /** Lets the stopped workers go on as well. */
  readonly open: () => void;
}

/** Real workers. Those whose `vatID:name` ends like this stop when they start. */
export const makeGate = (...endings: readonly string[]): Gate => {
  const stopped: ChildProcess[] = [];
  let isOpen = false;
  return {
    stopped,
    spawn: ((command: string, args: readonly string[], options: object) => {
      const child = nodeSpawn(command, args, options);
      if (!isOpen && endings.some(ending => args[0]?.endsWith(ending))) {
        child.kill('SIGSTOP');
        stopped.push(child);
      }
      return child;
    }) as typeof nodeSpawn,
    letNewIn: () => {
      isOpen = true;
    },
    open: () => {
      isOpen = true;
      for (const child of stopped) child.kill('SIGCONT');
    },
  };
};
