/**
 * What the operating system grants a worker process, where that decides about a vat.
 *
 * XS ends a vat that takes more than 2 GiB of memory, or nests so deep that its C stack is used up.
 * Every replica sees that in the same delivery only if each worker gets the memory that XS may take,
 * and the same stack: XS ends a vat in the same way when the machine refuses it memory, and it
 * derives the depth from `ulimit -s` (issue 10).
 *
 * So workers start with a stack of 8 MiB and an address space of 8 GiB, far above what XS takes.
 * Where the host has less to give, `Shortages` says so, and nothing that may come of it is a vat's
 * fault.
 *
 * Linux only: macOS has neither `/proc` nor a limit of address space, and refuses no memory.
 */
import type { spawn as Spawn } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** What Linux gives the first thread of a process unless told otherwise. */
const WORKER_STACK_BYTES = 8 * MIB;

/** XS's own 2 GiB, 1 GiB that it reserves for chunks, and buffers of up to 2 GiB that it does not count. */
const WORKER_ADDRESS_SPACE_BYTES = 8 * GIB;

/** XS asks for up to 1 GiB at once; a machine refuses what is more than all of its memory. */
const LEAST_MACHINE_BYTES = 2 * GIB;

interface Limit {
  /** Bytes; Infinity for none. */
  readonly soft: number;
  readonly hard: number;
}

export interface ResourceLimits {
  readonly addressSpace: Limit;
  readonly data: Limit;
  readonly stack: Limit;
}

/** What workers get less of than XS may use, in words; nothing where they have enough. */
export interface Shortages {
  readonly memory?: string;
  readonly stack?: string;
}

export interface Machine {
  readonly limits: ResourceLimits;
  /** `vm.overcommit_memory`: 2 refuses what 0 and 1 grant. */
  readonly overcommit: number;
  readonly totalBytes: number;
}

const parseLimit = (text: string, name: string): Limit => {
  const [, soft = '', hard = ''] = new RegExp(`^${name} +(\\w+) +(\\w+)`, 'm').exec(text) ?? [];
  const bytes = (value: string): number => (/^\d+$/.test(value) ? Number(value) : Infinity);
  return { soft: bytes(soft), hard: bytes(hard) };
};

/** @param text `/proc/PID/limits` */
export const parseResourceLimits = (text: string): ResourceLimits => ({
  addressSpace: parseLimit(text, 'Max address space'),
  data: parseLimit(text, 'Max data size'),
  stack: parseLimit(text, 'Max stack size'),
});

const inGiB = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;

export const findShortages = ({ limits, overcommit, totalBytes }: Machine): Shortages => {
  const { addressSpace, data, stack } = limits;
  const needed = `workers need ${inGiB(WORKER_ADDRESS_SPACE_BYTES)}`;
  const memory =
    addressSpace.soft < WORKER_ADDRESS_SPACE_BYTES
      ? `the address space is limited to ${inGiB(addressSpace.soft)} (ulimit -v), ${needed}`
      : data.soft < WORKER_ADDRESS_SPACE_BYTES
        ? `data is limited to ${inGiB(data.soft)} (ulimit -d), ${needed}`
        : overcommit === 2
          ? 'vm.overcommit_memory is 2: use 0 or 1'
          : totalBytes < LEAST_MACHINE_BYTES
            ? `the machine has ${inGiB(totalBytes)} of memory, it needs ${inGiB(LEAST_MACHINE_BYTES)}`
            : undefined;
  return {
    ...(memory !== undefined && { memory }),
    ...(stack.hard < WORKER_STACK_BYTES && {
      stack: `the stack is limited to ${stack.hard / KIB} KiB (ulimit -s), workers need ${WORKER_STACK_BYTES / KIB} KiB`,
    }),
  };
};

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

/** Of this process: workers inherit them. Undefined where the system does not tell. */
const readLimits = (): ResourceLimits | undefined => {
  const text = read('/proc/self/limits');
  return text === undefined ? undefined : parseResourceLimits(text);
};

/** What workers that start now are short of. */
export const readShortages = (): Shortages => {
  const limits = readLimits();
  if (limits === undefined) return {};
  const overcommit = Number(read('/proc/sys/vm/overcommit_memory') ?? 0);
  return findShortages({ limits, overcommit, totalBytes: totalmem() });
};

/** What a shell does before it becomes the worker; nothing where the limits are right already. */
export const planLimits = ({ addressSpace, stack }: ResourceLimits): readonly string[] => [
  ...(stack.soft !== WORKER_STACK_BYTES && stack.hard >= WORKER_STACK_BYTES
    ? [`ulimit -S -s ${WORKER_STACK_BYTES / KIB}`]
    : []),
  ...(addressSpace.soft > WORKER_ADDRESS_SPACE_BYTES
    ? [`ulimit -S -v ${WORKER_ADDRESS_SPACE_BYTES / KIB}`]
    : []),
];

const SHELL = '/bin/sh';

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/**
 * As `spawn`, with the limits of a worker. Node can't set them, so a shell does, and becomes the
 * command: the process keeps its id. That takes about a millisecond.
 */
export const limitWorkers = (spawn: typeof Spawn): typeof Spawn =>
  ((command: string, args: readonly string[], options: object) => {
    const limits = readLimits();
    const plan = limits === undefined ? [] : planLimits(limits);
    // A command that is not there is for `spawn` to report.
    return plan.length === 0 || !isExecutable(command) || !isExecutable(SHELL)
      ? spawn(command, args, options)
      : spawn(SHELL, ['-c', `${plan.join('; ')}; exec "$0" "$@"`, command, ...args], options);
  }) as typeof Spawn;
