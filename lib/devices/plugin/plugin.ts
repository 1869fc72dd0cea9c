/** The host's half of the plugin device: for single machines, not for replicas. */
import { deviceSourcePath } from '../source-path.js';

export interface PluginDevice {
  /** For `config.devices.plugin.sourceSpec`. */
  readonly srcPath: string;
  /** For `deviceEndowments.plugin`. */
  readonly endowments: {
    import(module: string): Promise<unknown>;
    queueThunkForKernel(thunk: () => void): void;
    registerResetter(resetter: () => void): void;
    getPluginDir(): string;
  };
  /** After a restart of the host: connects anew and tells the vats to do so. */
  reset(): void;
}

/**
 * @param pluginDir what vats are told when they ask where plugins are
 * @param importPlugin loads a module by the name that a vat gave; decides what may be loaded
 * @param queueThunkForKernel runs a function between cranks, then the kernel
 */
export const buildPlugin = (
  pluginDir: string,
  importPlugin: (module: string) => Promise<unknown>,
  queueThunkForKernel: (thunk: () => void) => void,
): PluginDevice => {
  let resetter: (() => void) | undefined;
  return harden({
    srcPath: deviceSourcePath('plugin/device-plugin.js'),
    endowments: {
      import: (module: string) => importPlugin(module),
      queueThunkForKernel: (thunk: () => void) => {
        queueThunkForKernel(thunk);
      },
      registerResetter: (callback: () => void) => {
        resetter = callback;
      },
      getPluginDir: () => pluginDir,
    },
    reset: () => resetter?.(),
  } satisfies PluginDevice);
};
