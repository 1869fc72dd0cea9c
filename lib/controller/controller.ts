/**
 * The controller over a started kernel: the kernel's calls, and those that need this layer.
 *
 * Boundary: hosts call it. It never commits.
 *
 * Invariant: while an asynchronous method is at work, no other method that changes kernel state gets
 * through. Methods that read do, `getRootObject` and `kpResolution` only between cranks, because they
 * change reference counts. The kernel guards all of them.
 */
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
  return harden<SwingsetController>({
    ...calls,
    validateAndInstallBundle: async (given, alleged) => {
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
    },
    log,
    writeSlogObject: slog.write,
    slogDuration: slog.duration,
    verboseDebugMode: setVerbose,
    debug: { addDeviceHook },
  });
};
