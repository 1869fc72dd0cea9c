/**
 * A vat in an xsnap process. Messages follow the supervisor's protocol and are JSON arrays. To the
 * worker: `['setBundle', vatID, bundle, liveSlotsOptions]` and `['deliver', delivery]`. From the
 * worker: `['syscall', ...syscalls]`, whose answer is that of the last one, `['testLog', …]` and
 * `['sourcedConsole', source, level, …]`. Our supervisor adds syscalls to its answer to a delivery,
 * too; the stock one makes them one by one.
 *
 * Boundary: one delivery at a time. Syscalls go synchronously to the `handleSyscall` of the
 * delivery in progress.
 *
 * Invariants:
 * 1. A fault of the vat is a result; a death of the process is a WorkerDiedError
 *    (`worker-faults.ts`).
 * 2. If `handleSyscall` throws, the process is ended and `deliver` rejects with that error.
 */
import { quoteValue } from '../errors.js';
import { BadArchiveError } from '../platform/errors.js';
import type { WorkerPowers } from '../platform/xsnap-process.js';
import type {
  VatDelivery,
  VatDeliveryResult,
  VatSyscall,
  VatSyscallHandler,
  VatSyscallResult,
} from '../types/messages.js';
import { WorkerDiedError } from './errors.js';
import { makeStillborn } from './stillborn.js';
import type { Worker, WorkerOutput } from './types.js';
import { judgeExit } from './worker-faults.js';
import {
  CONSOLE_ANSWER,
  decodeItem,
  encodeItem,
  TEST_LOG_ANSWER,
  type TaggedItem,
} from './xsnap-protocol.js';
import { prepareProcess, startProcess, type PreparedVat, type XsnapStart } from './xsnap-start.js';

/** Of the supervisor's answer to a delivery. Syscalls that have not been made follow. */
const RESULT_ITEMS = 3;

export interface XsnapWorkerOptions extends PreparedVat {
  readonly name: string | undefined;
  readonly powers: WorkerPowers;
  /** Computrons per command; 0 means no limit. */
  readonly meteringLimit: number;
  readonly output: WorkerOutput;
}

const NO_TEXT = 'a value that has no text';

/** The text of any value, to be shown. Handles values without a JSON form. */
const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return NO_TEXT;
  }
};

/** What becomes state must not depend on how deep a value may be for Node.js to have JSON for it. */
const stateTextOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? NO_TEXT : textOf(value);

const isTagged = (item: unknown): item is TaggedItem =>
  Array.isArray(item) && typeof item[0] === 'string';

/** The supervisor's `['ok', null, null]`, `['error', problem, null]` or `['err', name, message]`. */
const resultOf = (
  [status, first, second]: TaggedItem,
  compute: number | null,
): VatDeliveryResult => {
  const usage = compute === null ? null : { compute };
  if (status === 'ok') return ['ok', null, usage];
  const parts = (status === 'error' ? [first] : [first, second]).filter(
    part => part !== null && part !== undefined,
  );
  // A vat may throw what is no error, which the supervisor reports without name and message.
  const problem = parts.length === 0 ? NO_TEXT : parts.map(stateTextOf).join(': ');
  return ['error', problem, usage];
};

/**
 * Starts a vat in a process. If the vat itself makes that fail, its first delivery fails with the
 * problem (`stillborn.ts`).
 *
 * @throws WorkerDiedError if the worker can't be prepared to take deliveries.
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
  /** What the worker did that no supervisor does. A fault of the vat, equal on all replicas. */
  let violation: string | undefined;
  const violated = (what: string): Error => {
    violation ??= `worker protocol violated: ${what}`;
    return Error(violation);
  };
  const readJSON = (bytes: Buffer, what: string): unknown => {
    try {
      return decodeItem(bytes);
    } catch {
      throw violated(`${what} that is not JSON`);
    }
  };
  const readRequest = (request: Buffer): TaggedItem => {
    const item = readJSON(request, 'a request');
    if (isTagged(item)) return item;
    throw violated('a request without a tag');
  };

  const readAnswer = (reply: Buffer): TaggedItem => {
    const answer = readJSON(reply, 'an answer');
    if (isTagged(answer)) return answer;
    throw violated('an answer without a status');
  };

  /** Executes syscalls up to the first that fails, after which the crank is undone. */
  const executeAll = (
    syscalls: readonly unknown[],
    handler: VatSyscallHandler,
  ): VatSyscallResult => {
    let last: VatSyscallResult = ['ok', null];
    for (const syscall of syscalls) {
      if (!isTagged(syscall)) throw violated(`no syscall: ${quoteValue(syscall)}`);
      last = handler(syscall as unknown as VatSyscall);
      if (last[0] === 'error') break;
    }
    return last;
  };

  requests.handle = request => {
    const [tag, ...args] = readRequest(request);
    switch (tag) {
      case 'syscall':
        if (!handleSyscall) throw violated('a syscall outside of a delivery');
        return encodeItem(executeAll(args, handleSyscall));
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

  /** Ends the process. Returns a fault of the vat and throws everything else. */
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
      yield* process.makeSnapshotStream();
    } catch (error) {
      const [, problem] = await conclude(error);
      throw brokenProtocol(`${String(problem)} while its snapshot was taken`, error);
    }
  }

  try {
    await prepareProcess(process, start, options);
  } catch (error) {
    if (error instanceof BadArchiveError) {
      await process.kill();
      return makeStillborn(String(error));
    }
    const [, problem] = await conclude(error);
    return makeStillborn(String(problem));
  }

  return {
    deliver: async (delivery: VatDelivery, handler: VatSyscallHandler) => {
      let answer: TaggedItem;
      let compute: number | null;
      handleSyscall = handler;
      try {
        const done = await process.command(encodeItem(['deliver', delivery]));
        answer = readAnswer(done.reply);
        compute = done.compute;
      } catch (error) {
        return await conclude(error);
      } finally {
        handleSyscall = undefined;
      }
      try {
        executeAll(answer.slice(RESULT_ITEMS), handler);
      } catch (error) {
        await process.kill();
        if (violation !== undefined) return ['error', violation, null];
        throw error;
      }
      return resultOf(answer, compute);
    },
    makeSnapshotStream,
    shutdown: async () => {
      await process.kill();
    },
  };
};
