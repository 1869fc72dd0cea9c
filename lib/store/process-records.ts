/**
 * Records of the processes that a store's writer started: one small file per process, next to the
 * writer's lock. After a `kill -9`, the next writer ends the processes that are left (issue 10).
 *
 * Boundary: `lock.ts` calls `endOrphanedProcesses` as soon as it has the lock. Code that starts a
 * process calls `note` before it gives the process work. A process that was started but not noted
 * has no work, and ends when its pipe closes.
 *
 * Invariants:
 * 1. A process is ended only if its ID, start time and command match the record, on the same
 *    machine and since the same boot.
 * 2. A record is left alone while the process that wrote it lives.
 * 3. Failing to read or write a record is never an error. It only means that a process may be left.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine, describeProcess } from './process-identity.js';

export interface ProcessRecords {
  /**
   * Records a process that was just started.
   * @param command - the command and its arguments
   * @returns a function that deletes the record, to be called when the process has ended
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
  /** The process that started it: the store's writer. */
  readonly owner: RecordedProcess;
}

/** Records nothing. For stores in memory, which have no next writer. */
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

const isRecordedProcess = (value: unknown): value is RecordedProcess => {
  const { pid, startedAt } = (value ?? {}) as Partial<Record<keyof RecordedProcess, unknown>>;
  return Number.isSafeInteger(pid) && Number(pid) > 1 && typeof startedAt === 'string';
};

const isProcessRecord = (value: unknown): value is ProcessRecord => {
  if (!isRecordedProcess(value)) return false;
  const { command, machine, owner }: Partial<Record<keyof ProcessRecord, unknown>> = value;
  return typeof command === 'string' && typeof machine === 'string' && isRecordedProcess(owner);
};

const readRecord = (file: string): ProcessRecord | undefined => {
  const record = attempt(() => JSON.parse(readFileSync(file, 'utf8')) as unknown);
  return isProcessRecord(record) ? record : undefined;
};

const endIfOrphaned = (file: string, machine: string): void => {
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

/** Ends what dead writers left running. The caller holds the writer's lock. */
export const endOrphanedProcesses = (directory: string): void => {
  const names = attempt(() => readdirSync(directory));
  if (!names) return;
  const machine = describeMachine();
  for (const name of names) endIfOrphaned(join(directory, name), machine);
  removeIfEmpty(directory);
};

export const removeIfEmpty = (directory: string): void => {
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
