/** What the host's process has: memory and open files, as the system tells (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

/** Bytes of the resident set. */
const readMemory = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
};

/** Open file descriptors: files, sockets and pipes. */
export const countFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

export interface Samples {
  /** Bytes of the resident set, in the order of time. */
  readonly memory: readonly number[];
  readonly mostFiles: number;
}

/** Looks now and then, until it is ended or the process is. */
export const sampleHost = (pid: number, everyMs: number): { readonly end: () => Samples } => {
  const memory: number[] = [];
  let mostFiles = 0;
  const look = (): void => {
    try {
      memory.push(readMemory(pid));
      mostFiles = Math.max(mostFiles, countFiles(pid));
    } catch {
      clearInterval(timer);
    }
  };
  const timer = setInterval(look, everyMs);
  return {
    end: () => {
      clearInterval(timer);
      return { memory, mostFiles };
    },
  };
};
