/**
 * A vat in an xsnap process, spoken to in the supervisor's protocol: JSON arrays,
 * `['setBundle', vatID, bundle, liveSlotsOptions]` and `['deliver', delivery]` down,
 * `['syscall', syscall]`, `['testLog', …]` and `['sourcedConsole', source, level, …]` up.
 *
 * Boundary: one delivery at a time. What the vat asks of the kernel goes to the `handleSyscall` of
 * the delivery that is under way, synchronously.
 *
 * Invariants:
 * 1. A fault of the vat is a result, a death of the process is a WorkerDiedError (worker-faults.ts).
 * 2. An error thrown by `handleSyscall` ends the process, and `deliver` rejects with that error.
 */
import {
  startXsnapProcess,
  type WorkerPowers,
  type XsnapProcess,
  type XsnapReply,
} from '../platform/xsnap-process.js';
import { evaluateBundles } from '../platform/platform-image.js';
import type { Bundle } from '../store/types.js';
import type { VatID } from '../types/ids.js';
import type {
  VatDelivery,
  VatDeliveryResult,
  VatSyscall,
  VatSyscallHandler,
} from '../types/messages.js';
import { WorkerDiedError } from './errors.js';
import { makeStillborn } from './stillborn.js';
import type { LiveSlotsOptions, Worker, WorkerOutput } from './types.js';
import { judgeExit } from './worker-faults.js';

/** SwingSet's limit for a metered vat, in computrons per delivery. */
export const DEFAULT_CRANK_METERING_LIMIT = 100_000_000;

export interface HeapStream {
  readonly stream: AsyncIterable<Uint8Array>;
  /** Shown by `ps`. */
  readonly description: string;
}

export type XsnapStart =
  /** Empty worker, platform bundles, vat bundle. */
  | {
      readonly from: 'bundles';
      readonly platformBundles: readonly Bundle[];
      readonly bundle: Bundle;
    }
  /** A heap in which the platform's bundles were evaluated, vat bundle. */
  | { readonly from: 'image'; readonly image: HeapStream; readonly bundle: Bundle }
  /** A process that was started from such a heap ahead of time, vat bundle. */
  | { readonly from: 'spare'; readonly spare: SpareProcess; readonly bundle: Bundle }
  /** The vat's own heap. */
  | { readonly from: 'snapshot'; readonly snapshot: HeapStream };

export interface XsnapWorkerOptions {
  readonly vatID: VatID;
  readonly name: string | undefined;
  readonly powers: WorkerPowers;
  readonly liveSlotsOptions: LiveSlotsOptions;
  /** Computrons per delivery, 0 for no limit; default: DEFAULT_CRANK_METERING_LIMIT. */
  readonly meteringLimit?: number;
  readonly output: WorkerOutput;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const encode = (item: readonly unknown[]): Uint8Array => encoder.encode(JSON.stringify(item));
const decode = (bytes: Uint8Array): unknown => JSON.parse(decoder.decode(bytes));
const NO_ANSWER = new Uint8Array();

/** What a process asks meanwhile goes to whoever owns it now. */
interface RequestPort {
  handle: (request: Uint8Array) => Uint8Array;
}

export interface SpareProcess {
  readonly process: XsnapProcess;
  readonly requests: RequestPort;
}

const unclaimed = (): never => {
  throw Error('the worker made a request outside of a delivery');
};

interface ProcessOptions {
  readonly powers: WorkerPowers;
  readonly name: string;
  readonly meteringLimit: number;
}

const startFromHeap = async (options: ProcessOptions, heap: HeapStream): Promise<SpareProcess> => {
  const requests: RequestPort = { handle: unclaimed };
  const process = await startXsnapProcess({
    ...options,
    handleCommand: request => requests.handle(request),
    snapshot: heap,
  });
  return { process, requests };
};

/** A process that has loaded a platform image and waits for a vat. */
export const startSpareProcess = async (
  options: Omit<ProcessOptions, 'name'>,
  image: HeapStream,
): Promise<SpareProcess> => {
  const spare = await startFromHeap({ ...options, name: 'spare' }, image);
  try {
    await spare.process.isReady();
  } catch (error) {
    await spare.process.kill();
    throw error;
  }
  return spare;
};

const startProcess = async (start: XsnapStart, options: ProcessOptions): Promise<SpareProcess> => {
  switch (start.from) {
    case 'bundles': {
      const requests: RequestPort = { handle: unclaimed };
      const process = await startXsnapProcess({
        ...options,
        handleCommand: request => requests.handle(request),
      });
      return { process, requests };
    }
    case 'image':
      return startFromHeap(options, start.image);
    case 'snapshot':
      return startFromHeap(options, start.snapshot);
    case 'spare':
      return start.spare;
    default:
      return start satisfies never;
  }
};

const prepare = async (
  process: XsnapProcess,
  start: XsnapStart,
  { vatID, liveSlotsOptions }: XsnapWorkerOptions,
): Promise<void> => {
  if (start.from === 'bundles') await evaluateBundles(process, start.platformBundles);
  if (start.from === 'image' || start.from === 'snapshot') await process.isReady();
  if (start.from === 'snapshot') return;
  const { enableDisavow, relaxDurabilityRules } = liveSlotsOptions;
  const { reply } = await process.command(
    encode(['setBundle', vatID, start.bundle, { enableDisavow, relaxDurabilityRules }]),
  );
  const [tag, ...details] = decode(reply) as unknown[];
  if (tag !== 'dispatchReady') {
    throw Error(`setBundle was answered with ${JSON.stringify([tag, ...details])}`);
  }
};

const readResult = ({ reply, compute }: XsnapReply): VatDeliveryResult => {
  const [status, ...details] = decode(reply) as unknown[];
  if (status === 'ok') return ['ok', null, compute === null ? null : { compute }];
  // `['error', problem, null]` of the supervisor, or its last resort `['err', name, message]`.
  return ['error', String(status === 'error' ? details[0] : details.join(': ')), null];
};

/**
 * A fault of the vat on the way is the result of the first delivery (stillborn.ts).
 *
 * @throws WorkerDiedError when the worker can't be brought to the point where it takes deliveries.
 */
export const startXsnapWorker = async (
  start: XsnapStart,
  options: XsnapWorkerOptions,
): Promise<Worker> => {
  const { vatID, name, powers, output, meteringLimit = DEFAULT_CRANK_METERING_LIMIT } = options;
  const { process, requests } = await startProcess(start, {
    powers,
    name: `${vatID}:${name ?? ''}`,
    meteringLimit,
  });
  let handleSyscall: VatSyscallHandler | undefined;
  const brokenProtocol = (reason: string, cause?: unknown): WorkerDiedError =>
    new WorkerDiedError(vatID, { reason }, { cause });
  const readRequest = (request: Uint8Array): [string, ...unknown[]] => {
    try {
      return decode(request) as [string, ...unknown[]];
    } catch (cause) {
      throw brokenProtocol('it made a request that is not JSON', cause);
    }
  };

  requests.handle = request => {
    const [tag, ...args] = readRequest(request);
    switch (tag) {
      case 'syscall':
        if (!handleSyscall) throw brokenProtocol('it made a syscall outside of a delivery');
        return encode(handleSyscall(args[0] as VatSyscall));
      case 'sourcedConsole': {
        const [source, level, ...rest] = args;
        output.console(String(source), String(level), rest);
        return NO_ANSWER;
      }
      case 'testLog':
        output.testLog(args.map(String));
        return NO_ANSWER;
      default:
        throw brokenProtocol(`it made an unknown request: ${tag}`);
    }
  };

  /** Ends the process; a fault is returned, everything else thrown. */
  const conclude = async (error: unknown): Promise<VatDeliveryResult> => {
    const exit = await process.kill();
    const own = process.ownFailure();
    if (own) throw own.error;
    if (exit.kind === 'failed') throw exit.error;
    const verdict = judgeExit(vatID, error, exit, process.stderrTail());
    if (verdict.kind === 'death') throw verdict.error;
    return ['error', verdict.problem, null];
  };

  async function* makeSnapshotStream(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* process.makeSnapshotStream(vatID);
    } catch (error) {
      const [, problem] = await conclude(error);
      throw brokenProtocol(`${String(problem)} while its snapshot was taken`, error);
    }
  }

  try {
    await prepare(process, start, options);
  } catch (error) {
    const [, problem] = await conclude(error);
    return makeStillborn(String(problem));
  }

  return {
    deliver: async (delivery: VatDelivery, handler: VatSyscallHandler) => {
      handleSyscall = handler;
      try {
        return readResult(await process.command(encode(['deliver', delivery])));
      } catch (error) {
        return await conclude(error);
      } finally {
        handleSyscall = undefined;
      }
    },
    makeSnapshotStream,
    shutdown: async () => {
      await process.kill();
    },
  };
};
