/** SwingSet's own kernel and system vats, to record what ours are compared with. */
import bundleSource from '@endo/bundle-source';
import { kunser } from '@agoric/kmarshal';
import { initSwingStore } from '@agoric/swing-store';
import { initializeSwingset, makeSwingsetController } from '@agoric/swingset-vat';
import type { SlogEntry } from '../../../lib/types/slog.js';
import { originalKernelBundles } from '../../support/original-bundles.js';

type Bundle = Record<string, unknown>;

export interface SwingsetHostOptions {
  readonly vats: Readonly<Record<string, string>>;
  readonly devices?: Readonly<Record<string, { srcPath: string; endowments: unknown }>>;
  /** Directory of the store. Default: in memory. */
  readonly directory?: string;
  /** Names of further vats that run SwingSet's comms. */
  readonly originalCommsVats?: readonly string[];
  readonly onSlog?: (entry: SlogEntry) => void;
}

export interface SwingsetHost {
  /** Sends to the bootstrap vat, runs, and returns the unserialized result. */
  ask(method: string, ...args: readonly unknown[]): Promise<unknown>;
  run(): Promise<void>;
  /** Delivers `bringOutYourDead` to all vats. */
  reap(): Promise<void>;
  vatIDOf(name: string): string;
  readVatstore(vatID: string): Record<string, string>;
  /** Commits and closes the store. */
  shutdown(): Promise<void>;
}

const bundles = new Map<string, Promise<Bundle>>();
const bundle = (path: string): Promise<Bundle> => {
  let made = bundles.get(path);
  if (!made) {
    made = bundleSource(path, { format: 'endoZipBase64' });
    bundles.set(path, made);
  }
  return made;
};

const commsCreationOptions = {
  managerType: 'local',
  enableSetup: true,
  enablePipelining: true,
  useTranscript: false,
};

export const startSwingsetHost = async (options: SwingsetHostOptions): Promise<SwingsetHost> => {
  const kernelBundles = await originalKernelBundles();
  const { hostStorage, kernelStorage } = initSwingStore(options.directory ?? null);
  const devices = Object.entries(options.devices ?? {});
  const bundleEach = async (paths: readonly (readonly [string, string])[]) =>
    Object.fromEntries(
      await Promise.all(
        paths.map(async ([name, path]) => [name, { bundle: await bundle(path) }] as const),
      ),
    );
  const config = {
    bootstrap: 'bootstrap',
    defaultManagerType: 'local',
    // Collecting the garbage of a whole test process after each crank takes most of the time.
    defaultReapInterval: 'never',
    vats: {
      ...(await bundleEach(Object.entries(options.vats))),
      ...Object.fromEntries(
        (options.originalCommsVats ?? []).map(name => [
          name,
          { bundle: kernelBundles.comms, creationOptions: commsCreationOptions },
        ]),
      ),
    },
    devices: await bundleEach(devices.map(([name, { srcPath }]) => [name, srcPath])),
  };
  await initializeSwingset(config, [], kernelStorage, { kernelBundles });
  const controller = await makeSwingsetController(
    kernelStorage,
    Object.fromEntries(devices.map(([name, { endowments }]) => [name, endowments])),
    { slogSender: options.onSlog },
  );
  for (const name of ['bootstrap', ...(options.originalCommsVats ?? [])]) {
    controller.pinVatRoot(name);
  }
  await controller.run();

  return {
    async ask(method, ...args) {
      const kpid = controller.queueToVatRoot('bootstrap', method, args);
      await controller.run();
      if (controller.kpStatus(kpid) !== 'fulfilled') throw Error(`${method}: not fulfilled`);
      return kunser(controller.kpResolution(kpid)) as unknown;
    },
    run: async () => void (await controller.run()),
    async reap() {
      controller.reapAllVats();
      await controller.run();
    },
    vatIDOf: name => controller.vatNameToID(name) as string,
    readVatstore(vatID) {
      const { kvStore } = kernelStorage;
      const prefix = `${vatID}.vs.`;
      const rows: Record<string, string> = {};
      for (let key = kvStore.getNextKey(prefix); key?.startsWith(prefix);) {
        rows[key.slice(prefix.length)] = kvStore.get(key) as string;
        key = kvStore.getNextKey(key);
      }
      return rows;
    },
    async shutdown() {
      await controller.shutdown();
      await hostStorage.commit();
      await hostStorage.close();
    },
  };
};
