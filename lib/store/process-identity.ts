/**
 * Identifies processes. The system reuses process IDs, so a process is identified by ID, start time
 * and command together, on one machine since one boot.
 *
 * On Linux, `/proc` gives start times in clock ticks since boot. Elsewhere, `ps` gives them in
 * whole seconds, and the host name alone identifies the machine. A mix-up there takes another
 * process with the same ID and command line, started in the same second.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessDescription {
  /** Opaque. Equal for two descriptions of the same process. */
  readonly startedAt: string;
  /** The command and its arguments, separated by spaces. */
  readonly command: string;
}

/** A zombie holds nothing but its ID until its parent collects its exit status. */
const hasEnded = (state = ''): boolean => state.startsWith('Z') || state.startsWith('X');

/** Field 22 of `/proc/PID/stat`: the 20th after the name, which may contain spaces and brackets. */
const START_TIME_FIELD = 19;

const describeByProc = (pid: number): ProcessDescription | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1).join(' ');
    const startedAt = fields[START_TIME_FIELD];
    return startedAt === undefined || hasEnded(fields[0]) ? undefined : { startedAt, command };
  } catch {
    // The process has ended.
    return undefined;
  }
};

/** Length of `lstart`: `Thu Nov 26 16:45:17 2026`. */
const LSTART_LENGTH = 24;

/** Exported so that specs can test it on Linux, which also has a `ps`. */
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

/** Returns undefined if there is no such process. */
export const describeProcess: (pid: number) => ProcessDescription | undefined = hasProc
  ? describeByProc
  : describeByPs;

/** Identifies this machine since its last boot, and the PID namespace of this process. */
export const describeMachine = (): string => {
  if (!hasProc) return hostname();
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
};
