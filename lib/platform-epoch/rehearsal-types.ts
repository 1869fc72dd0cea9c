/** The report of a rehearsal. */
import type { BundleID, VatID } from '../types/ids.js';
import type { ManagerType } from '../types/vat-options.js';
import type { PlatformRestartReport, VatRestartResult } from './types.js';

/** The platform of one incarnation of a vat. */
export interface VatPlatform {
  readonly worker: ManagerType;
  /** Undefined for a `local` worker, and in a store that SwingSet made. */
  readonly engine: string | undefined;
  readonly supervisor: BundleID | undefined;
}

export interface VatRehearsal extends VatRestartResult {
  readonly critical: boolean;
  readonly bundleID: BundleID | undefined;
  /**
   * The parameters of `startVat`, in the notation of `lib/kernel/facets/parameter-notation.ts`.
   * Only for vats that were given parameters or that failed.
   */
  readonly startedWith: unknown;
  readonly oldPlatform: VatPlatform;
  /** For an exempt vat, the same as the old one. */
  readonly newPlatform: VatPlatform;
  /** How many events are queued for the vat or wait for it. */
  readonly waiting: number;
  /**
   * Milliseconds from the beginning of the restart to the vat's turn; `ms` is the turn's length.
   */
  readonly startedAt: number;
}

/** A vat after the restart. */
interface LateVat {
  readonly vatID: VatID;
  readonly name: string | undefined;
  readonly critical: boolean;
  /** In which block, from 1. Undefined: when the vats that still slept were started at the end. */
  readonly block: number | undefined;
}

/** The start of a vat that slept when the restart was over. */
export interface LateStart extends LateVat {
  readonly result: 'started' | LateFailure['result'];
  /** Undefined for a vat that exited at its start. */
  readonly error: string | undefined;
  readonly ms: number;
  readonly computrons: number | undefined;
}

/**
 * A vat that failed only after the restart. It could not start (`suspended`), it ended with a
 * failure (`terminated`), or its loss stopped the kernel (`panic`).
 */
export interface LateFailure extends LateVat {
  readonly result: 'suspended' | 'terminated' | 'panic';
  readonly error: string;
}

/** What followed the restart. Vats are in vatID order. */
export interface CanaryReport {
  /** How many blocks were asked for, and how many ran. */
  readonly blocks: number;
  readonly blocksRun: number;
  readonly cranks: number;
  readonly ms: number;
  /** Events that were queued after the last block. */
  readonly queuedAfter: number;
  readonly lateStarts: readonly LateStart[];
  readonly lateFailures: readonly LateFailure[];
  /** The panic that would stop the kernel, after `block n: ` if it came in a block. */
  readonly problem: string | undefined;
}

/** The next block to run, or the next sleeping vat to start, of `total`. `index` begins at 1. */
export interface CanaryProgress {
  readonly phase: 'block' | 'start';
  readonly index: number;
  readonly total: number;
  readonly vatID?: VatID;
}

/** The report of the restart, with what only a rehearsal knows. */
export interface RehearsalReport extends Omit<PlatformRestartReport, 'vats'> {
  readonly storePath: string;
  readonly vats: readonly VatRehearsal[];
  /** Milliseconds for the restart of all vats. */
  readonly ms: number;
  /** Milliseconds for the copy, and its size in bytes. */
  readonly copyMs: number;
  readonly copyBytes: number;
  /** Why a boot would fail: for example, a critical vat can't start. */
  readonly problem: string | undefined;
  /** Vats whose turn did not come or did not end. */
  readonly left: number;
  /** What followed. Undefined if nothing restarted, a boot would fail, or nothing was asked for. */
  readonly canary: CanaryReport | undefined;
  /** Devices that did nothing, because the rehearsal had no endowments for them. */
  readonly silentDevices: readonly string[];
  /**
   * True if every vat restarts that isn't exempt, unborn or suspended on request, and none fails
   * after that.
   */
  readonly ok: boolean;
}

/** Did the vat fail? */
export const isFailure = ({ result, error }: Pick<VatRestartResult, 'result' | 'error'>): boolean =>
  error !== undefined || result === 'terminated';
