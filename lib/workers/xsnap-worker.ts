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
import type { WorkerPowers, XsnapReply } from '../platform/xsnap-process.js';
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
import {
  CONSOLE_ANSWER,
  decodeItem,
  encodeItem,
  TEST_LOG_ANSWER,
  type TaggedItem,
} from './xsnap-protocol.js';
import { prepareProcess, startProcess, type XsnapStart } from './xsnap-start.js';

export interface XsnapWorkerOptions {
  readonly vatID: VatID;
  readonly name: string | undefined;
  readonly powers: WorkerPowers;
  readonly liveSlotsOptions: LiveSlotsOptions;
  /** Computrons per command, 0 for no limit. */
  readonly meteringLimit: number;
  readonly output: WorkerOutput;
}

const readResult = ({ reply, compute }: XsnapReply): VatDeliveryResult => {
  const [status, ...details] = decodeItem(reply);
  const usage = compute === null ? null : { compute };
  if (status === 'ok') return ['ok', null, usage];
  // `['error', problem, null]` of the supervisor, or its last resort `['err', name, message]`.
  return ['error', String(status === 'error' ? details[0] : details.join(': ')), usage];
};

/** Of anything that JSON can hold, also of objects that pretend to have a text or have no end. */
const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return 'a value that has no text';
  }
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
  const { vatID, name, powers, output, meteringLimit } = options;
  const { process, requests } = await startProcess(start, {
    powers,
    name: `${vatID}:${name ?? ''}`,
    meteringLimit,
  });
  let handleSyscall: VatSyscallHandler | undefined;
  const brokenProtocol = (reason: string, cause?: unknown): WorkerDiedError =>
    new WorkerDiedError(vatID, { reason }, { cause });
  /** What the worker did that no supervisor does: the vat's fault, the same on every replica. */
  let violation: string | undefined;
  const violated = (what: string): Error => {
    violation ??= `worker protocol violated: ${what}`;
    return Error(violation);
  };
  const readRequest = (request: Uint8Array): TaggedItem => {
    let item: unknown;
    try {
      item = decodeItem(request);
    } catch {
      throw violated('a request that is not JSON');
    }
    if (Array.isArray(item) && typeof item[0] === 'string') return item as unknown as TaggedItem;
    throw violated('a request without a tag');
  };

  requests.handle = request => {
    const [tag, ...args] = readRequest(request);
    switch (tag) {
      case 'syscall':
        if (!handleSyscall) throw violated('a syscall outside of a delivery');
        return encodeItem(handleSyscall(args[0] as VatSyscall));
      case 'sourcedConsole': {
        const [source, level, ...rest] = args;
        output.console(textOf(source), textOf(level), rest.map(textOf));
        return CONSOLE_ANSWER;
      }
      case 'testLog':
        output.testLog(args.map(textOf));
        return TEST_LOG_ANSWER;
      default:
        throw violated('an unknown request');
    }
  };

  /** Ends the process; a fault is returned, everything else thrown. */
  const conclude = async (error: unknown): Promise<VatDeliveryResult> => {
    const exit = await process.kill();
    if (violation !== undefined) return ['error', violation, null];
    const own = process.ownFailure();
    if (own) throw own.error;
    if (exit.kind === 'failed') throw exit.error;
    const { shortages } = process;
    const verdict = judgeExit(vatID, error, { exit, stderr: process.stderrTail(), shortages });
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
    await prepareProcess(process, start, vatID, options.liveSlotsOptions);
  } catch (error) {
    const [, problem] = await conclude(error);
    return makeStillborn(String(problem));
  }

  return {
    deliver: async (delivery: VatDelivery, handler: VatSyscallHandler) => {
      handleSyscall = handler;
      try {
        return readResult(await process.command(encodeItem(['deliver', delivery])));
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
