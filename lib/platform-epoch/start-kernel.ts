/**
 * Starts a kernel: decides about the platform epoch, restarts vats if it advanced, preloads.
 *
 * Boundary: the one way from an `UnstartedKernel` to a running one. Every error of the decision or
 * the guard comes before the first write.
 */
import { BadOptionError } from '../errors.js';
import type { Kernel, PlatformRestartPort, UnstartedKernel } from '../kernel/types.js';
import { decidePlatformEpoch } from './decide.js';
import { PlatformMismatchError } from './errors.js';
import { recordBaseline } from './ledger.js';
import { restartAllVats } from './restart.js';
import type {
  PlatformEpoch,
  PlatformEpochDecision,
  PlatformEpochRecord,
  PlatformRestartOptions,
  PlatformRestartReport,
} from './types.js';

export interface StartKernelOptions {
  readonly platformEpoch?: PlatformEpoch;
  readonly platformEpochKindChange?: boolean;
  readonly platformRestart?: PlatformRestartOptions;
  /** What to do when the engine differs and the epoch has not advanced. Default `refuse`. */
  readonly platformGuard?: 'refuse' | 'warn' | 'off';
  readonly warn?: (message: string) => void;
}

/** A running kernel that knows its epochs. */
export interface EpochKernel extends Kernel {
  /** Last epoch of the ledger, or undefined for a store older than epochs. */
  getPlatformEpoch(): PlatformEpoch | undefined;
  getEpochLedger(): readonly PlatformEpochRecord[];
  /** What this boot restarted, or undefined if it restarted nothing. */
  getPlatformRestartReport(): PlatformRestartReport | undefined;
}

/** Vats that a worker of the running engine could not continue are refused before any replay. */
const guard = (port: PlatformRestartPort, options: StartKernelOptions): void => {
  const { platformGuard = 'refuse', warn = () => undefined } = options;
  if (platformGuard === 'off') return;
  const stored = port.epochs.ledger().at(-1)?.fingerprint;
  const running = port.platform.fingerprint;
  if (!stored || stored.engine === running.engine) return;
  const error = new PlatformMismatchError(stored, running);
  if (platformGuard === 'refuse') throw error;
  warn(error.message);
};

const carryOut = async (
  port: PlatformRestartPort,
  decision: PlatformEpochDecision,
  options: StartKernelOptions,
): Promise<PlatformRestartReport | undefined> => {
  switch (decision.kind) {
    case 'none':
    case 'current':
      return undefined;
    case 'baseline':
      await port.writeLedger('platform-epoch-baseline', epochs =>
        recordBaseline(epochs, decision.epoch, port.platform.fingerprint, port.crankNumber),
      );
      return undefined;
    case 'advance':
    case 'resume':
      return restartAllVats(port, decision, options.platformRestart ?? {});
    default:
      return decision satisfies never;
  }
};

/** @throws the errors of `decidePlatformEpoch`, PlatformMismatchError, and those of a restart */
export const startKernel = async (
  unstarted: UnstartedKernel,
  options: StartKernelOptions,
): Promise<EpochKernel> => {
  const port = unstarted.restartPort;
  const { platformRestart } = options;
  if (platformRestart && options.platformEpoch === undefined) {
    throw new BadOptionError('platformRestart', platformRestart, 'nothing without a platformEpoch');
  }
  const decision = decidePlatformEpoch({
    ledger: port.epochs.ledger(),
    given: options.platformEpoch,
    vatsHaveRun: port.crankNumber > 0,
    allowKindChange: options.platformEpochKindChange ?? false,
    allowRestart: platformRestart?.allow ?? true,
  });
  const restarts = decision.kind === 'advance' || decision.kind === 'resume';
  if (!restarts) guard(port, options);
  await unstarted.startDevices();
  const report = await carryOut(port, decision, options);
  const kernel = await unstarted.start();
  return {
    ...kernel,
    getPlatformEpoch: () => port.epochs.ledger().at(-1)?.epoch,
    getEpochLedger: () => port.epochs.ledger(),
    getPlatformRestartReport: () => report,
  };
};
