/**
 * Starts a kernel: decides about the platform epoch, restarts the vats if it has advanced,
 * preloads.
 *
 * Boundary: the only way from an `UnstartedKernel` to a running kernel. Every refusal comes before
 * the first write.
 */
import type { Kernel, UnstartedKernel } from '../kernel/types.js';
import { recordBaseline, writeLedger } from './ledger.js';
import { adoptCurrentPlatform } from '../kernel/vats/vat-options.js';
import { describeQueued } from './report-words.js';
import { LiveVats, type EpochParts } from './live-vats.js';
import { planBoot, type PlanBootOptions } from './plan-boot.js';
import type { RestartPlan } from './plan-restart.js';
import { restartAllVats } from './restart.js';
import { makeStartAhead } from './run-ahead.js';
import type { PlatformEpoch, PlatformEpochRecord } from '../types/platform-epoch.js';
import type { PlatformRestartReport } from './types.js';

/** A running kernel with its epoch ledger. */
export interface EpochKernel extends Kernel {
  /** The ledger's last epoch, or undefined for a store older than epochs. */
  getPlatformEpoch(): PlatformEpoch | undefined;
  getEpochLedger(): readonly PlatformEpochRecord[];
  /** The report of this boot's restart, or undefined if it restarted nothing. */
  getPlatformRestartReport(): PlatformRestartReport | undefined;
}

const recordBaselineOf = (parts: EpochParts, epoch: PlatformEpoch): Promise<void> => {
  const { lifecycle, liveVats } = parts;
  return writeLedger(parts, 'platform-epoch-baseline', epochs => {
    // The store may have been initialized with an engine other than the running one.
    for (const { vatID } of liveVats.list()) adoptCurrentPlatform(lifecycle, vatID);
    const { platform, state } = lifecycle;
    recordBaseline(epochs, epoch, platform.fingerprint, state.crankNumber);
  });
};

/** Warns of vats that stay behind: a host that forgets them has two platforms to maintain. */
const warnOfExempt = ({ decision, vats, exempt }: RestartPlan, warn: (message: string) => void) => {
  for (const { vatID, name } of vats) {
    if (exempt.has(vatID)) {
      warn(`platform epoch ${decision.epoch}: ${vatID} (${name}) is exempt and is not restarted`);
    }
  }
};

/** Warns of queued events, which may refer to promises and objects that the restart ends. */
const warnOfQueued = ({ decision, queued }: RestartPlan, warn: (message: string) => void) => {
  if (decision.kind === 'resume' || queued.queuedEvents === 0) return;
  warn(
    `platform epoch ${decision.epoch}: the restart begins with ${describeQueued(queued)}. They are delivered to the new ` +
      'incarnations, but the promises and objects in them that lived in RAM are lost: ' +
      'run the kernel until its queue is empty before you halt for an upgrade',
  );
};

/** @throws the errors of `decidePlatformEpoch`, PlatformMismatchError, and those of a restart */
export const startKernel = async (
  unstarted: UnstartedKernel,
  options: PlanBootOptions,
): Promise<EpochKernel> => {
  const { platformRestart = {}, warn = () => undefined } = options;
  const liveVats = new LiveVats(unstarted.parts, platformRestart.assumeEngine);
  const parts: EpochParts = { ...unstarted.parts, liveVats };
  const { state, slog } = parts.lifecycle;
  const ledger = () => state.platformEpochs.ledger();
  const { decision, plan } = planBoot(parts, options);

  const start = async () => {
    await unstarted.prepare();
    if (decision.kind === 'baseline') await recordBaselineOf(parts, decision.epoch);
    if (plan) {
      warnOfExempt(plan, warn);
      warnOfQueued(plan, warn);
      for (const message of plan.parameters.warnings) {
        slog.write({ type: 'epoch-restart-warning', epoch: plan.decision.epoch, message });
        warn(message);
      }
    }
    const report = plan && (await restartAllVats(parts, plan));
    const startAhead = makeStartAhead(parts.lifecycle, platformRestart.concurrency ?? 1);
    return { report, kernel: await unstarted.start(startAhead) };
  };
  try {
    const { report, kernel } = await start();
    return {
      ...kernel,
      getPlatformEpoch: () => ledger().at(-1)?.epoch,
      getEpochLedger: ledger,
      getPlatformRestartReport: () => report,
    };
  } catch (error) {
    // Otherwise worker processes would keep the host's process alive.
    await unstarted.shutdown();
    throw error;
  }
};
