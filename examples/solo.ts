/** What the examples share: a host without a network, and a call that runs until it is answered. */
import { loadSwingsetConfigFile } from '../lib/controller/config-files.js';
import type { SwingsetRuntimeOptions } from '../lib/controller/option-types.js';
import { openSoloHost } from '../lib/host/solo-host.js';
import type { SoloHost } from '../lib/host/solo-host.js';
import { kunser } from '../lib/kernel/delivery/kmarshal.js';

export interface SoloOptions {
  readonly home: string;
  readonly configFile: string;
  readonly worker: 'xsnap' | 'local';
  readonly runtimeOptions: SwingsetRuntimeOptions;
}

/** Opens a swingset that talks to no other one, or makes it. */
export const openSolo = (options: SoloOptions): Promise<SoloHost> => {
  const { home, configFile, worker, runtimeOptions } = options;
  return openSoloHost({
    home,
    getConfig: async () => ({
      ...(await loadSwingsetConfigFile(configFile)),
      defaultManagerType: worker,
    }),
    initializationOptions: { addComms: false, addVattp: false },
    runtimeOptions,
  });
};

/** Sends a message to a vat's root, and runs until the queues are empty. */
export const callRoot = async (
  host: SoloHost,
  vatName: string,
  method: string,
  args: readonly unknown[],
): Promise<{ readonly cranks: number; readonly value: unknown }> => {
  const kpid = host.controller.queueToVatRoot(vatName, method, args, 'panic');
  const cranks = await host.run();
  return { cranks, value: kunser(host.controller.kpResolution(kpid)) };
};
