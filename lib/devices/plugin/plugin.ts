/** The host's half of the plugin device, which is for single machines, not for replicas. */
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
  /** Call it after the host restarted: reconnects plugins and tells the receiver to reconnect. */
  reset(): void;
}

/**
 * Builds a plugin device.
 * @param pluginDir the result of `getPluginDir()` for vats
 * @param importPlugin loads a module by the name that a vat gave, and decides what may be loaded
 * @param queueThunkForKernel runs a function between cranks, then runs the kernel
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
