/**
 * What follows a rehearsed restart, on the same copy: blocks of the store's own run-queue, and then
 * the start of each vat that still sleeps.
 *
 * Boundary: drives a kernel that has booted. It reads failures from the slog, as
 * `lib/platform-epoch/rehearse.ts` does.
 *
 * Invariants:
 * 1. Each vat has at most one late failure: its first. A panic replaces the failure that led to it.
 * 2. A panic ends the blocks, as on a host. The sleeping vats are tried all the same, each on the
 *    state of the last complete crank.
 */
import { CriticalVatError, KernelPanicError, VatStateError } from '../kernel/delivery/errors.js';
import { countDueEvents } from '../kernel/cranks/due-events.js';
import { sleepingVats } from '../kernel/cranks/sleepers.js';
import { describeError, kunser } from '../kernel/delivery/kmarshal.js';
import { KernelState } from '../state/kernel-state.js';
import type { KernelStorage } from '../store/types.js';
import { compareIDs, type KRef, type VatID } from '../types/ids.js';
import type { CapData, VatDeliveryResult } from '../types/messages.js';
import type { PlatformRestartMode } from '../types/platform-epoch.js';
import type { RunPolicy } from '../types/policies.js';
import type { SlogEntry } from '../types/slog.js';
import type { EpochKernel } from './start-kernel.js';
import type { CanaryProgress, CanaryReport, LateFailure, LateStart } from './rehearsal-types.js';
import { describeWithCauses } from './report-words.js';

/** The calls of a booted kernel that a rehearsal makes. */
export type RehearsedKernel = Pick<
  EpochKernel,
  'run' | 'resumeVat' | 'shutdown' | 'getPlatformRestartReport'
>;

export interface CanaryOptions {
  readonly mode: PlatformRestartMode;
  readonly blocks: number;
  readonly runPolicy: () => RunPolicy;
  readonly onProgress?: ((progress: CanaryProgress) => void) | undefined;
}

export interface CanaryPowers {
  readonly kernelStorage: KernelStorage;
  /** Boots another kernel on the copy, after a panic. */
  readonly reboot: () => Promise<RehearsedKernel>;
  /** Milliseconds. */
  readonly now: () => number;
}

interface SlogEntryOfVat extends SlogEntry {
  readonly vatID: VatID;
}

/** Notes late starts and failures from the slog. */
const makeRecord = ({ vats }: KernelState, now: () => number) => {
  const starts = new Map<VatID, LateStart>();
  const failures = new Map<VatID, LateFailure>();
  const begun = new Map<VatID, number>();
  const costs = new Map<VatID, { readonly ms: number; readonly computrons: number | undefined }>();
  /** Names of vats that end with the crank which made them fail. */
  const described = new Map<VatID, Pick<LateFailure, 'vatID' | 'name' | 'critical'>>();
  let block: number | undefined;

  const describe = (vatID: VatID) => {
    const known = described.get(vatID);
    if (known || !vats.exists(vatID)) return known ?? { vatID, name: undefined, critical: false };
    const { name, critical } = vats.getOptions(vatID);
    const vat = { vatID, name, critical };
    described.set(vatID, vat);
    return vat;
  };
  const fail = (vatID: VatID, result: LateFailure['result'], error: string) => {
    const before = failures.get(vatID);
    if (before && result !== 'panic') return;
    failures.set(vatID, { ...describe(vatID), block, result, error: before?.error ?? error });
  };
  const onLateStart = ({ vatID, ...entry }: SlogEntryOfVat) => {
    const { result, error } = entry as unknown as Pick<LateStart, 'result' | 'error'>;
    const cost = costs.get(vatID) ?? { ms: 0, computrons: undefined };
    starts.set(vatID, { ...describe(vatID), block, result, error, ...cost });
    if (result !== 'started') fail(vatID, result, error ?? 'it exited at its start');
  };
  return {
    starts,
    failures,
    fail,
    enterBlock: (number: number | undefined) => {
      block = number;
    },
    note: (given: SlogEntry): void => {
      const entry = given as SlogEntryOfVat;
      const { vatID } = entry;
      switch (entry.type) {
        case 'deliver':
          describe(vatID);
          if (entry['dispatch'] === 'startVat') begun.set(vatID, now());
          break;
        case 'deliver-result': {
          const startedAt = begun.get(vatID);
          if (startedAt === undefined) break;
          begun.delete(vatID);
          const [, , usage] = entry['dr'] as VatDeliveryResult;
          costs.set(vatID, { ms: now() - startedAt, computrons: usage?.compute });
          break;
        }
        case 'late-start':
          onLateStart(entry);
          break;
        case 'terminate': {
          const { body, slots } = entry['info'] as CapData<KRef>;
          // A vat that says it is done did not fail.
          if (entry['shouldReject'])
            fail(vatID, 'terminated', describeError(kunser({ body, slots })));
          break;
        }
        default:
      }
    },
  };
};

/** The vat whose loss stopped the kernel, if it was one. */
const lostVat = ({ cause }: KernelPanicError): VatID | undefined =>
  cause instanceof CriticalVatError || cause instanceof VatStateError ? cause.vatID : undefined;

export interface Canary {
  /** Pass each slog entry that comes after the restart. */
  readonly note: (entry: SlogEntry) => void;
  /** Shuts the kernel down. @throws errors that are no panics, such as those of the run policy */
  run(kernel: RehearsedKernel): Promise<CanaryReport>;
}

export const makeCanary = (
  { kernelStorage, reboot, now }: CanaryPowers,
  { mode, blocks, runPolicy, onProgress }: CanaryOptions,
): Canary => {
  const state = new KernelState(kernelStorage);
  const record = makeRecord(state, now);
  const byVat = <T extends { readonly vatID: VatID }>(found: ReadonlyMap<VatID, T>): T[] =>
    [...found.values()].sort((a, b) => compareIDs(a.vatID, b.vatID));

  const run = async (first: RehearsedKernel): Promise<CanaryReport> => {
    let kernel = first;
    const startedAt = now();
    let blocksRun = 0;
    let cranks = 0;
    let problem: string | undefined;

    /** @returns whether the kernel panicked */
    const panics = async (action: () => Promise<void>): Promise<boolean> => {
      try {
        await action();
        return false;
      } catch (error) {
        if (!(error instanceof KernelPanicError)) throw error;
        const vatID = lostVat(error);
        const text = describeWithCauses(error);
        if (vatID !== undefined) record.fail(vatID, 'panic', text);
        problem ??= text;
        return true;
      }
    };
    const goOnAfterPanic = async () => {
      await kernel.shutdown();
      kernelStorage.restartCrank();
      kernelStorage.endCrank();
      kernel = await reboot();
    };
    const runBlocks = async (): Promise<void> => {
      for (const block of Array.from({ length: blocks }, (_, index) => index + 1)) {
        onProgress?.({ phase: 'block', index: block, total: blocks });
        record.enterBlock(block);
        const hasPanicked = await panics(async () => {
          cranks += await kernel.run(runPolicy());
        });
        record.enterBlock(undefined);
        blocksRun = block;
        if (hasPanicked) {
          problem = `block ${block}: ${problem}`;
          await goOnAfterPanic();
          return;
        }
      }
    };
    const startSleepers = async (): Promise<void> => {
      const sleeping = sleepingVats(state);
      for (const [index, vatID] of sleeping.entries()) {
        // An earlier start may have woken it, or ended it.
        const sleeps = state.services.get(vatID).type === 'sleeping';
        if (!sleeps || record.failures.has(vatID)) continue;
        onProgress?.({ phase: 'start', index: index + 1, total: sleeping.length, vatID });
        const hasPanicked = await panics(async () => {
          await kernel.resumeVat(vatID).catch((error: unknown) => {
            // The slog has told that it can't start.
            if (!(error instanceof VatStateError)) throw error;
          });
        });
        if (hasPanicked) await goOnAfterPanic();
      }
    };
    try {
      await runBlocks();
      const queuedAfter = countDueEvents(state);
      if (mode !== 'eager') await startSleepers();
      return {
        blocks,
        blocksRun,
        cranks,
        ms: now() - startedAt,
        queuedAfter,
        lateStarts: byVat(record.starts),
        lateFailures: byVat(record.failures),
        problem,
      };
    } finally {
      await kernel.shutdown();
    }
  };
  return { note: record.note, run };
};
