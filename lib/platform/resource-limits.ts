/**
 * The resources that the operating system grants to worker processes.
 *
 * XS ends a vat that takes more than 2 GiB of memory or whose nesting exhausts the C stack. For all
 * replicas to see that in the same delivery, every worker must get as much memory as XS may take,
 * and the same stack. XS ends a vat in the same way if the machine refuses memory, and derives the
 * nesting limit from `ulimit -s` (issue 10).
 *
 * Workers therefore start with a stack of 8 MiB and an address space of 8 GiB, far above what XS
 * takes. If the host has less, `Shortages` says so, and effects of the shortage are not treated as
 * faults of a vat.
 *
 * Linux only: macOS has neither `/proc` nor an address space limit, and refuses no memory.
 */
import type { spawn as Spawn } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** Linux's default for the first thread of a process. */
const WORKER_STACK_BYTES = 8 * MIB;

/** XS's 2 GiB, 1 GiB reserved for chunks, and buffers of up to 2 GiB that XS does not count. */
const WORKER_ADDRESS_SPACE_BYTES = 8 * GIB;

/** XS allocates up to 1 GiB at once, and a machine refuses more than its total memory. */
const LEAST_MACHINE_BYTES = 2 * GIB;

interface Limit {
  /** Bytes; Infinity means no limit. */
  readonly soft: number;
  readonly hard: number;
}

export interface ResourceLimits {
  readonly addressSpace: Limit;
  readonly data: Limit;
  readonly stack: Limit;
}

/** Resources of which workers get less than XS may use, as text. A missing field means enough. */
export interface Shortages {
  readonly memory?: string;
  readonly stack?: string;
}

export interface Machine {
  readonly limits: ResourceLimits;
  /** `vm.overcommit_memory`. 2 refuses allocations that 0 and 1 grant. */
  readonly overcommit: number;
  readonly totalBytes: number;
}

const parseLimit = (text: string, name: string): Limit => {
  const [, soft = '', hard = ''] = new RegExp(`^${name} +(\\w+) +(\\w+)`, 'm').exec(text) ?? [];
  const bytes = (value: string): number => (/^\d+$/.test(value) ? Number(value) : Infinity);
  return { soft: bytes(soft), hard: bytes(hard) };
};

/** @param text - contents of `/proc/PID/limits` */
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
      ? `the address space is limited to ${inGiB(addressSpace.soft)} (ulimit -v), but ${needed}`
      : data.soft < WORKER_ADDRESS_SPACE_BYTES
        ? `data is limited to ${inGiB(data.soft)} (ulimit -d), but ${needed}`
        : overcommit === 2
          ? 'vm.overcommit_memory is 2: use 0 or 1'
          : totalBytes < LEAST_MACHINE_BYTES
            ? `the machine has ${inGiB(totalBytes)} of memory, but needs ${inGiB(LEAST_MACHINE_BYTES)}`
            : undefined;
  return {
    ...(memory !== undefined && { memory }),
    ...(stack.hard < WORKER_STACK_BYTES && {
      stack: `the stack is limited to ${stack.hard / KIB} KiB (ulimit -s), but workers need ${WORKER_STACK_BYTES / KIB} KiB`,
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

/** The limits of this process, which workers inherit. Undefined if the system has no `/proc`. */
const readLimits = (): ResourceLimits | undefined => {
  const text = read('/proc/self/limits');
  return text === undefined ? undefined : parseResourceLimits(text);
};

/** The shortages of workers that start now. */
export const readShortages = (): Shortages => {
  const limits = readLimits();
  if (limits === undefined) return {};
  const overcommit = Number(read('/proc/sys/vm/overcommit_memory') ?? 0);
  return findShortages({ limits, overcommit, totalBytes: totalmem() });
};

/** Shell commands that set the limits before the worker starts. Empty if the limits are right. */
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
 * Wraps `spawn` so that workers get their limits. Node can't set limits, so a shell sets them and
 * then replaces itself by the command: the process ID stays the same. This takes about a
 * millisecond.
 */
export const limitWorkers = (spawn: typeof Spawn): typeof Spawn =>
  ((command: string, args: readonly string[], options: object) => {
    const limits = readLimits();
    const plan = limits === undefined ? [] : planLimits(limits);
    // For a missing command, `spawn` itself reports the error.
    return plan.length === 0 || !isExecutable(command) || !isExecutable(SHELL)
      ? spawn(command, args, options)
      : spawn(SHELL, ['-c', `${plan.join('; ')}; exec "$0" "$@"`, command, ...args], options);
  }) as typeof Spawn;
