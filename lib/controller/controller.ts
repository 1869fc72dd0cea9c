/**
 * The controller over a started kernel: the kernel's calls, and those that need this layer.
 *
 * Boundary: hosts call it. It never commits.
 *
 * Invariant: while an asynchronous method is at work, no other method that changes kernel state gets
 * through. Methods that read do, `getRootObject` and `kpResolution` only between cranks, because they
 * change reference counts. The kernel guards all of them.
 */
import type { Bundle } from '../store/types.js';
import type { BundleID } from '../types/ids.js';
import type { EpochKernel } from '../platform-epoch/start-kernel.js';
import { checkForeignBundle } from './bundling.js';
import { BundleMismatchError } from '../store/errors.js';
import { AllegedBundleError, BadBundleError } from './errors.js';
import type { SlogWriter } from './slog-writer.js';
import type { SwingsetController } from './types.js';

export interface ControllerPorts {
  readonly kernel: EpochKernel;
  readonly slog: SlogWriter;
  readonly log: (line: string) => void;
  readonly setVerbose: (on: boolean) => void;
}

export const makeController = ({
  kernel,
  slog,
  log,
  setVerbose,
}: ControllerPorts): SwingsetController => {
  const { addDeviceHook, installBundle, testLog: _lines, ...calls } = kernel;
  const install = async (given: Bundle, alleged?: string): Promise<BundleID> => {
    try {
      return await installBundle(async () => {
        const { bundle, bundleID } = await checkForeignBundle(given, 'bundle');
        if (alleged === undefined || alleged === bundleID) return { bundle, bundleID };
        throw new AllegedBundleError(alleged, bundleID);
      });
    } catch (error) {
      // The bundleStore's check finds more than the bundler's, such as a module that nothing
      // imports and whose file is missing.
      if (!(error instanceof BundleMismatchError)) throw error;
      throw new BadBundleError('bundle', error.message, { cause: error });
    }
  };
  /** The last installation, while it is under way. */
  let installing: Promise<unknown> | undefined;
  return harden<SwingsetController>({
    ...calls,
    // Hosts may install several at once. Each waits for those before it, so that the order does not
    // depend on how long the checks take.
    validateAndInstallBundle: async (given, alleged) => {
      const next = () => install(given, alleged);
      const turn = installing ? installing.then(next, next) : next();
      installing = turn;
      try {
        return await turn;
      } finally {
        if (installing === turn) installing = undefined;
      }
    },
    log,
    writeSlogObject: slog.write,
    slogDuration: slog.duration,
    verboseDebugMode: setVerbose,
    debug: { addDeviceHook },
  });
};
