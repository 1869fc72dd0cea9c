/**
 * The disk of a process that runs with the library `disk-faults.c`: which of its calls fail, how many
 * it made, and a log of what it wrote. The process that starts it calls `prepareDisk`; the process
 * itself calls `openDisk`.
 */
import { closeSync, mkdirSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

/** Classes of calls, as in `disk-faults.c`. */
const CLASSES = {
  openToRead: 1,
  openToWrite: 2,
  read: 4,
  write: 8,
  sync: 16,
  lock: 32,
  remove: 64,
  stat: 128,
  map: 256,
} as const;

type CallClass = keyof typeof CLASSES;

export interface Fault {
  readonly name: string;
  /** The calls that can fail so. */
  readonly classes: readonly CallClass[];
  readonly error: 'ENOSPC' | 'EIO' | 'EROFS' | 'EAGAIN';
  /** Whether all calls after the first that fails do so as well. */
  readonly lasting: boolean;
  /** Whether the first call that fails, if it writes, writes half. */
  readonly torn?: boolean;
}

const writing = ['openToWrite', 'write', 'sync', 'remove'] as const;
const everything = [...writing, 'openToRead', 'read', 'lock', 'stat', 'map'] as const;

export const FAULTS: readonly Fault[] = [
  { name: 'disk full', classes: ['openToWrite', 'write'], error: 'ENOSPC', lasting: true },
  {
    name: 'disk full within a write',
    classes: ['openToWrite', 'write'],
    error: 'ENOSPC',
    lasting: true,
    torn: true,
  },
  { name: 'disk full for a moment', classes: ['write'], error: 'ENOSPC', lasting: false },
  { name: 'I/O error', classes: everything, error: 'EIO', lasting: true },
  { name: 'one I/O error', classes: everything, error: 'EIO', lasting: false },
  { name: 'read-only', classes: writing, error: 'EROFS', lasting: true },
  { name: 'locked', classes: ['lock'], error: 'EAGAIN', lasting: true },
  { name: 'locked for a moment', classes: ['lock'], error: 'EAGAIN', lasting: false },
];

/** Order of the fields of `struct control`. */
const FIELDS = ['classes', 'nth', 'lasting', 'error', 'torn', 'recording', 'count', 'failed'];
const SIZE = 8 * FIELDS.length;

/** Paths within the directory of a run. */
const placesIn = (home: string) => ({
  files: join(home, 'disk'),
  control: join(home, 'control'),
  log: join(home, 'log'),
});

/** Makes the files that the library needs in a new directory, and the environment that names them. */
export const prepareDisk = (home: string, shim: string): NodeJS.ProcessEnv => {
  const { files, control, log } = placesIn(home);
  mkdirSync(files, { recursive: true });
  writeFileSync(control, Buffer.alloc(SIZE));
  writeFileSync(log, '');
  return {
    LD_PRELOAD: shim,
    DISK_FAULTS_DIR: files,
    DISK_FAULTS_CONTROL: control,
    DISK_FAULTS_LOG: log,
  };
};

export interface Calls {
  readonly made: number;
  readonly failed: number;
}

export interface Disk {
  /** The directory whose files are watched. */
  readonly files: string;
  /** Gets the records of changes (`recorded-writes.ts`). */
  readonly log: string;
  /** From now on the nth call of the fault's classes fails; 0: none, but they are counted. */
  arm(fault: Fault, nth: number): void;
  /** Nothing fails any more. Returns what happened since `arm`. */
  disarm(): Calls;
  /** Records changes from now on. */
  record(): void;
  stopRecording(): void;
  close(): void;
}

export const openDisk = (home: string): Disk => {
  const { files, control, log } = placesIn(home);
  const fd = openSync(control, 'r+');
  const bytes = Buffer.alloc(SIZE);
  const write = (values: readonly number[]): void => {
    values.forEach((value, index) => bytes.writeBigInt64LE(BigInt(value), 8 * index));
    writeSync(fd, bytes, 0, 8 * values.length, 0);
  };
  const readField = (name: string): number => {
    readSync(fd, bytes, 0, SIZE, 0);
    return Number(bytes.readBigInt64LE(8 * FIELDS.indexOf(name)));
  };
  const setRecording = (recording: number): void => write([0, 0, 0, 0, 0, recording, 0, 0]);
  return {
    files,
    log,
    arm: ({ classes, error, lasting, torn = false }, nth) => {
      const mask = classes.reduce((sum, name) => sum + CLASSES[name], 0);
      const { [error]: errno } = constants.errno;
      write([mask, nth, Number(lasting), errno, Number(torn), 0, 0, 0]);
    },
    disarm: () => {
      const calls = { made: readField('count'), failed: readField('failed') };
      write([0, 0, 0, 0, 0, 0, 0, 0]);
      return calls;
    },
    record: () => setRecording(1),
    stopRecording: () => setRecording(0),
    close: () => closeSync(fd),
  };
};
