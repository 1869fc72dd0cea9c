/**
 * Records of the processes that the writer of a store started, beside the writer's lock: one small
 * file per process. After a kill -9 the next writer ends those that were left (issue 10).
 *
 * Boundary: `lock.ts` calls `endLeftProcesses` as soon as it has the lock; whoever starts a process
 * notes it at once, before giving it work. A process that was started and not noted has no work, and
 * ends when its pipe does.
 *
 * Invariants
 * 1. A process is ended only if its id, start time and command are the recorded ones, on the same
 *    run of the same machine.
 * 2. While the process that wrote the record lives, what it started is its own business.
 * 3. A record that can't be written or read costs the clearing away, never the work.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine, describeProcess } from './process-identity.js';

export interface ProcessRecords {
  /**
   * Records a process that was just started.
   * @param command - the command and its arguments
   * @returns takes the record away; to be called when the process has ended
   */
  note(pid: number, command: readonly string[]): () => void;
}

interface RecordedProcess {
  readonly pid: number;
  readonly startedAt: string;
}

interface ProcessRecord extends RecordedProcess {
  readonly command: string;
  readonly machine: string;
  /** The process that started it. */
  readonly owner: RecordedProcess;
}

/** For stores in memory: nobody comes after them. */
export const noProcessRecords: ProcessRecords = { note: () => () => undefined };

const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

const isAlive = ({ pid, startedAt }: RecordedProcess): boolean =>
  describeProcess(pid)?.startedAt === startedAt;

const isPid = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) > 1;

const readRecord = (file: string): ProcessRecord | undefined => {
  const record = attempt(() => JSON.parse(readFileSync(file, 'utf8')) as Partial<ProcessRecord>);
  return isPid(record?.pid) && isPid(record?.owner?.pid) ? (record as ProcessRecord) : undefined;
};

const endIfLeft = (file: string, machine: string): void => {
  const record = readRecord(file);
  if (record?.machine === machine) {
    if (isAlive(record.owner)) return;
    const found = describeProcess(record.pid);
    if (found?.startedAt === record.startedAt && found.command === record.command) {
      attempt(() => process.kill(record.pid, 'SIGKILL'));
    }
  }
  attempt(() => rmSync(file, { force: true }));
};

/** Ends the processes that writers which are gone have left. The caller holds the lock. */
export const endLeftProcesses = (directory: string): void => {
  const names = attempt(() => readdirSync(directory));
  if (!names) return;
  const machine = describeMachine();
  for (const name of names) endIfLeft(join(directory, name), machine);
  forgetDirectory(directory);
};

/** Takes the directory away when nothing is in it. */
export const forgetDirectory = (directory: string): void => {
  attempt(() => rmdirSync(directory));
};

export const makeProcessRecords = (directory: string): ProcessRecords => {
  const machine = describeMachine();
  const owner = { pid: process.pid, startedAt: describeProcess(process.pid)?.startedAt ?? '' };
  return {
    note: (pid, command) => {
      const file = join(directory, `${pid}.json`);
      const startedAt = describeProcess(pid)?.startedAt;
      if (startedAt === undefined) return () => undefined;
      const record: ProcessRecord = {
        pid,
        startedAt,
        command: command.join(' '),
        machine,
        owner,
      };
      attempt(() => {
        mkdirSync(directory, { recursive: true });
        writeFileSync(file, JSON.stringify(record));
      });
      return () => attempt(() => rmSync(file, { force: true }));
    },
  };
};
