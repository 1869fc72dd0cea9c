/**
 * Restarts all vats of a throw-away copy of a store, and reports what became of each. What follows
 * the restart is in `canary.ts`.
 *
 * Boundary: gets an open copy and a way to boot a kernel on it; commits nothing. It reads the
 * results from the slog, so that it can report a restart that ends in an error, too.
 */
import type { PlatformFingerprint } from '../types/platform-epoch.js';
import { writeParameters } from '../kernel/facets/parameter-notation.js';
import { countQueued, countWaiting } from './queued-events.js';
import { KernelState } from '../state/kernel-state.js';
import type { KernelStorage } from '../store/types.js';
import type { KRef, VatID } from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import type { SlogEntry, SlogSender } from '../types/slog.js';
import type { WorkerOptions } from '../types/vat-options.js';
import { needsEmptyQueue } from './decide.js';
import { decideBoot } from './decide-boot.js';
import { decidingOptionsOf } from './deciding-options.js';
import { makeCanary, type RehearsedKernel } from './canary.js';
import { describeQueued, describeWithCauses } from './report-words.js';
import { isFailure } from './rehearsal-types.js';
import type {
  CanaryProgress,
  RehearsalReport,
  VatPlatform,
  VatRehearsal,
} from './rehearsal-types.js';
import { pickPlatform, type GivenPlatform } from './platform-options.js';
import type { PlatformRestartOptions } from './restart-options.js';
import type {
  AbandonedObjects,
  PlatformRestartProgress,
  VatRestartResult,
  VatTurnResult,
} from './types.js';
import type { PlatformEpoch } from '../types/platform-epoch.js';
import type { RunPolicy } from '../types/policies.js';

export interface RehearsalBoot extends GivenPlatform {
  readonly platformEpoch: PlatformEpoch;
  readonly platformEpochKindChange: boolean;
  readonly platformRestart: PlatformRestartOptions;
  readonly slogSender: SlogSender;
}

export interface RehearsalPowers {
  readonly kernelStorage: KernelStorage;
  /** The running platform. */
  readonly fingerprint: PlatformFingerprint;
  /** Makes a kernel, which restarts the vats. */
  readonly boot: (options: RehearsalBoot) => Promise<RehearsedKernel>;
  /** Makes the run policy of a block. */
  readonly runPolicy: () => RunPolicy;
  /** Milliseconds. */
  readonly now: () => number;
}

export interface RehearseOptions extends GivenPlatform {
  readonly platformEpoch: PlatformEpoch;
  readonly platformEpochKindChange?: boolean;
  /** As the host will pass them. If vats sleep after the restart, they are started at the end. */
  readonly platformRestart?: Omit<PlatformRestartOptions, 'checkpoint' | 'allow'>;
  /**
   * How many blocks of the store's own run-queue follow the restart: each is one `controller.run`.
   * Default 0.
   */
  readonly blocks?: number;
  /** Called for each block, and for each vat that is started after the last. */
  readonly onCanaryProgress?: (progress: CanaryProgress) => void;
}

/** The part of the report about the restart. */
export type RehearsedRestart = Pick<
  RehearsalReport,
  | 'from'
  | 'to'
  | 'decision'
  | 'mode'
  | 'doneBefore'
  | 'queuedEvents'
  | 'queuedByVat'
  | 'vats'
  | 'warnings'
  | 'ms'
  | 'problem'
  | 'left'
  | 'canary'
  | 'ok'
>;

const platformOf = (workerOptions: WorkerOptions): VatPlatform => ({
  worker: workerOptions.type,
  engine: workerOptions.type === 'xsnap' ? workerOptions.engine : undefined,
  supervisor: workerOptions.type === 'xsnap' ? workerOptions.bundleIDs.at(-1) : undefined,
});

/** What the store says of the vats before the restart. The copy is not read after it. */
const describeVats = (state: KernelState) => {
  const waiting = countWaiting(state);
  return new Map(
    state.vats.allIDs().map(vatID => {
      const { critical, workerOptions } = state.vats.getOptions(vatID);
      const platform = platformOf(workerOptions);
      const { bundleID } = state.vats.getSource(vatID);
      return [vatID, { critical, bundleID, platform, waiting: waiting.get(vatID) ?? 0 }] as const;
    }),
  );
};

/**
 * Throws errors of the decision and of the options, as a boot would. An error after the restart has
 * begun is part of the report, with the vats so far.
 */
export const rehearseRestart = async (
  { kernelStorage, fingerprint, boot, runPolicy, now }: RehearsalPowers,
  options: RehearseOptions,
): Promise<RehearsedRestart> => {
  const { platformEpoch, platformEpochKindChange = false, platformRestart = {} } = options;
  const { blocks = 0, onCanaryProgress } = options;
  const { mode } = decidingOptionsOf(platformRestart);
  const state = new KernelState(kernelStorage);
  const ledger = state.platformEpochs.ledger();
  const decision = decideBoot(state, { platformEpoch, platformEpochKindChange });
  const before = describeVats(state);
  const queued = countQueued(state);
  const results: { readonly result: VatTurnResult; readonly endedAt: number }[] = [];
  const held = new Map<unknown, AbandonedObjects>();
  const startedWith = new Map<VatID, CapData<KRef>>();
  const warnings: string[] = [];
  const started = now();
  const slogSender = (entry: SlogEntry) => {
    if (entry.type === 'epoch-restart-warning') warnings.push(String(entry['message']));
    if (entry.type === 'deliver' && entry['dispatch'] === 'startVat') {
      const [, parameters] = entry['kd'] as readonly [string, CapData<KRef>];
      startedWith.set(entry['vatID'] as VatID, parameters);
    }
    if (entry.type === 'epoch-restart-vat') {
      const result = entry as unknown as VatTurnResult;
      results.push({ result, endedAt: now() - started });
    } else if (entry.type === 'epoch-restart-abandoned') {
      held.set(entry['vatID'], entry as unknown as AbandonedObjects);
    }
  };
  const wouldBeRefused = queued.queuedEvents > 0 && needsEmptyQueue(decision, platformRestart);
  let reached: PlatformRestartProgress | undefined;
  const { onRestartProgress } = platformRestart;
  let problem = wouldBeRefused
    ? `a boot with platformRestart.requireEmptyQueue is refused: ${describeQueued(queued)}`
    : undefined;
  const bootWith = (listener: SlogSender) =>
    boot({
      platformEpoch,
      platformEpochKindChange,
      ...pickPlatform(options),
      platformRestart: {
        ...platformRestart,
        // The rest of the rehearsal is as useful without it.
        requireEmptyQueue: false,
        onRestartProgress: progress => {
          reached = progress;
          onRestartProgress?.(progress);
        },
      },
      slogSender: listener,
    });
  let listener = slogSender;
  let kernel: RehearsedKernel | undefined;
  try {
    kernel = await bootWith(entry => listener(entry));
  } catch (error) {
    if (!reached) throw error;
    const { phase, vatID, name } = reached;
    const vat = phase === 'turn' ? `${[vatID, name].filter(Boolean).join(' ')}: ` : '';
    problem = `${vat}${describeWithCauses(error)}`;
  }
  const ms = results.at(-1)?.endedAt ?? now() - started;
  const restarts = decision.kind === 'advance' || decision.kind === 'resume';
  const doneBefore = kernel?.getPlatformRestartReport()?.doneBefore ?? 0;
  const follow = async (booted: RehearsedKernel) => {
    const isAsked = restarts && (blocks > 0 || mode !== 'eager');
    if (!isAsked) return booted.shutdown();
    const reboot = () => bootWith(canary.note);
    const canary = makeCanary(
      { kernelStorage, now, reboot },
      { mode, blocks, runPolicy, onProgress: onCanaryProgress },
    );
    listener = canary.note;
    return canary.run(booted);
  };
  const canary = kernel && (await follow(kernel));

  const newPlatformOf = (vatID: VatID, result: VatRestartResult['result']): VatPlatform => {
    const old = before.get(vatID)?.platform ?? platformOf({ type: 'local' });
    const stays = result === 'exempt' || result === 'unstarted' || old.worker === 'local';
    return stays
      ? old
      : { worker: old.worker, engine: fingerprint.engine, supervisor: fingerprint.supervisor };
  };
  const vats = results.map(({ result, endedAt }): VatRehearsal => {
    const { vatID } = result;
    const known = before.get(vatID);
    const brought = startedWith.get(vatID);
    const isOfInterest = result.parameters === 'given' || isFailure(result);
    return {
      vatID,
      name: result.name,
      result: result.result,
      error: result.error,
      ms: result.ms,
      computrons: result.computrons,
      incarnation: result.incarnation,
      promisesRejected: result.promisesRejected,
      objectsAbandoned: result.objectsAbandoned,
      objectsHeld: held.get(vatID)?.objectsHeld ?? 0,
      abandonedHeld: held.get(vatID)?.abandonedHeld ?? [],
      importsReclaimed: result.importsReclaimed,
      rowsReclaimed: result.rowsReclaimed,
      parameters: result.parameters,
      sleeps: result.sleeps,
      startedWith: brought && isOfInterest ? writeParameters(brought) : undefined,
      bundleID: known?.bundleID,
      critical: known?.critical ?? false,
      oldPlatform: known?.platform ?? platformOf({ type: 'local' }),
      newPlatform: newPlatformOf(vatID, result.result),
      waiting: known?.waiting ?? 0,
      startedAt: Math.max(0, endedAt - result.ms),
    };
  });
  return {
    from: ledger.at(decision.kind === 'resume' ? -2 : -1)?.epoch,
    to: platformEpoch,
    decision: decision.kind,
    mode,
    doneBefore,
    ...queued,
    vats,
    warnings,
    ms,
    problem,
    left: Math.max(0, (reached?.total ?? 0) - vats.length),
    canary: canary ?? undefined,
    ok:
      restarts &&
      problem === undefined &&
      !vats.some(isFailure) &&
      canary?.problem === undefined &&
      (canary?.lateFailures ?? []).length === 0,
  };
};
