/**
 * Who a process is. Process ids are used again, so a process is known by its id, its start time and
 * its command together, on one run of one machine.
 *
 * Linux answers from `/proc`: start times in clock ticks since the machine booted. Other systems
 * answer through `ps`: start times in whole seconds, and a renamed or restarted machine is known by
 * its host name alone. There a process could be taken for another one only if it got the same id in
 * the same second of the clock with the same command line.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessDescription {
  /** Two descriptions of one process have the same; otherwise opaque. */
  readonly startedAt: string;
  /** The command and its arguments, separated by spaces. */
  readonly command: string;
}

/** A zombie holds nothing but its id; its parent has not asked for its end yet. */
const hasEnded = (state = ''): boolean => state.startsWith('Z') || state.startsWith('X');

/** Field 22 of `/proc/PID/stat`, the 20th after the name, which may hold spaces and brackets. */
const START_TIME_FIELD = 19;

const describeByProc = (pid: number): ProcessDescription | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1).join(' ');
    const startedAt = fields[START_TIME_FIELD];
    return startedAt === undefined || hasEnded(fields[0]) ? undefined : { startedAt, command };
  } catch {
    // It has ended.
    return undefined;
  }
};

/** As long as `lstart` is: `Thu Nov 26 16:45:17 2026`. */
const LSTART_LENGTH = 24;

/** Exported for specs: Linux has a `ps` as well. */
export const describeByPs = (pid: number): ProcessDescription | undefined => {
  const { status, stdout } = spawnSync('ps', ['-ww', '-o', 'lstart=,stat=,args=', '-p', `${pid}`], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (status !== 0) return undefined;
  const line = stdout.trim();
  const [, state, command = ''] = /^(\S+)\s+(.*)$/.exec(line.slice(LSTART_LENGTH).trim()) ?? [];
  return hasEnded(state) ? undefined : { startedAt: line.slice(0, LSTART_LENGTH), command };
};

const hasProc = process.platform === 'linux';

/** Undefined when there is no such process, or not any more. */
export const describeProcess: (pid: number) => ProcessDescription | undefined = hasProc
  ? describeByProc
  : describeByPs;

/** Names this machine, since it booted, and the namespace in which this process sees process ids. */
export const describeMachine = (): string => {
  if (!hasProc) return hostname();
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
};
