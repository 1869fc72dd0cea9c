/**
 * What a boot with given options would do about the platform epoch, without doing it. Only reads the
 * store; the decisions are those of the boot itself (`lib/platform-epoch/plan-boot.ts`).
 */
import { SwingsetError } from '../errors.js';
import { KernelSlog } from '../kernel/delivery/slog.js';
import { choosePlatformOfBoot } from '../platform-epoch/decide-boot.js';
import { LiveVats, type PlanParts } from '../platform-epoch/live-vats.js';
import { planBoot, type PlanBootOptions } from '../platform-epoch/plan-boot.js';
import { planTurns, type PlannedVat } from '../platform-epoch/plan-turns.js';
import type { GivenPlatform } from '../platform-epoch/platform-options.js';
import type { QueuedEvents } from '../platform-epoch/queued-events.js';
import type { PlatformEpochDecision } from '../platform-epoch/types.js';
import { comparePlatforms, type PlatformDifference } from '../platform/compare-platforms.js';
import { loadPlatform } from '../platform/load-platform.js';
import { KernelState } from '../state/kernel-state.js';
import type { KernelStorage } from '../store/types.js';
import type {
  DecidingRestartOptions,
  PlatformEpoch,
  PlatformFingerprint,
} from '../types/platform-epoch.js';

export interface EpochPlanOptions extends Omit<PlanBootOptions, 'warn'>, GivenPlatform {}

/** The boot would refuse, and write nothing. */
export interface RefusedPlan {
  readonly decision: 'refused';
  readonly code: string;
  readonly reason: string;
}

export interface AcceptedPlan {
  readonly decision: PlatformEpochDecision['kind'];
  /** The store's last epoch; null for a store older than epochs. */
  readonly from: PlatformEpoch | null;
  readonly to: PlatformEpoch | null;
  /** The platform that new incarnations would get. */
  readonly platform: PlatformFingerprint;
  /** How it differs from the last epoch's platform. */
  readonly changes: readonly PlatformDifference[];
  readonly warnings: readonly string[];
  /** Null if the boot restarts nothing. */
  readonly restart: PlannedRestart | null;
}

export interface PlannedRestart extends QueuedEvents {
  readonly options: DecidingRestartOptions;
  /** Live vats that an earlier boot restarted; `vats` doesn't list them. */
  readonly doneBefore: number;
  readonly vats: readonly PlannedVat[];
}

export type EpochPlan = RefusedPlan | AcceptedPlan;

/** The errors with which a boot refuses. */
const REFUSALS: ReadonlySet<string> = new Set([
  ...['BAD_OPTION', 'BAD_PLATFORM_EPOCH', 'PLATFORM_EPOCH_REGRESSION', 'PLATFORM_EPOCH_KIND'],
  ...['PLATFORM_RESTART_NOT_ALLOWED', 'PLATFORM_RESTART_QUEUE_NOT_EMPTY'],
  ...['PLATFORM_RESTART_UNFINISHED', 'PLATFORM_CHANGE', 'PLATFORM_MISMATCH'],
]);

const planOf = async (
  kernelStorage: KernelStorage,
  options: EpochPlanOptions,
): Promise<AcceptedPlan> => {
  const state = new KernelState(kernelStorage);
  const { transcriptStore, bundleStore } = kernelStorage;
  const platform = await loadPlatform(choosePlatformOfBoot(state, bundleStore, options));
  const lifecycle: PlanParts['lifecycle'] = {
    state,
    kernelStorage,
    platform,
    slog: new KernelSlog(),
    warehouse: {
      getIncarnation: vatID => transcriptStore.getCurrentSpanBounds(vatID).incarnation,
    },
  };
  const liveVats = new LiveVats({ lifecycle }, options.platformRestart?.assumeEngine);
  const parts: PlanParts = { lifecycle, liveVats };
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const { decision, plan } = planBoot(parts, { ...options, warn });
  const last = state.platformEpochs.ledger().at(-1);
  return {
    decision: decision.kind,
    from: last?.epoch ?? null,
    to: decision.kind === 'none' ? null : decision.epoch,
    platform: platform.fingerprint,
    changes: last ? comparePlatforms(last.fingerprint, platform.fingerprint) : [],
    warnings: [...warnings, ...(plan?.parameters.warnings ?? [])],
    restart: plan
      ? {
          options: plan.deciding,
          doneBefore: plan.doneBefore,
          ...plan.queued,
          vats: planTurns(parts, plan),
        }
      : null,
  };
};

/**
 * @param kernelStorage - with a swingset; it may be open for reading only
 * @throws for a damaged store or installation. A boot's refusal is a plan too.
 */
export const planEpochBoot = async (
  kernelStorage: KernelStorage,
  options: EpochPlanOptions,
): Promise<EpochPlan> => {
  try {
    return await planOf(kernelStorage, options);
  } catch (error) {
    if (!(error instanceof SwingsetError) || !REFUSALS.has(error.code)) throw error;
    return { decision: 'refused', code: error.code, reason: error.message };
  }
};
