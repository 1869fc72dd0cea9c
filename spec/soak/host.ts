/** A swingset of a driver and players, in a directory. It can reboot and crash. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { kunser } from '@agoric/kmarshal';
import { initializeSwingset } from '../../lib/controller/initialize.js';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import type { SwingsetController } from '../../lib/controller/types.js';
import type { PlatformRestartOptions } from '../../lib/platform-epoch/restart-options.js';
import { checkKernelState } from '../../lib/state/check-kernel-state.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import type { KVStore } from '../../lib/store/types.js';
import type { WarehousePolicy } from '../../lib/workers/types.js';
import { bundleOf } from '../support/shared-bundles.js';
import { SoakFailure, type Answer } from './operation.js';

const sourceOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const makeConfig = async () => ({
  bootstrap: 'driver',
  pinBootstrapRoot: true,
  defaultManagerType: 'xsnap' as const,
  defaultReapInterval: 40,
  snapshotInitial: 30,
  snapshotInterval: 200,
  vats: { driver: { bundle: await bundleOf(sourceOf('vats/driver.js')) } },
  bundles: {
    player: { bundle: await bundleOf(sourceOf('vats/player.js')) },
    raw: { bundle: await bundleOf(sourceOf('../kernel/vats/raw.js')) },
  },
});

const quiet = { log() {}, info() {}, warn() {}, error() {}, debug() {} };

/** Local options, which must leave no trace in kernel state. */
export interface Machine {
  readonly warehousePolicy?: WarehousePolicy;
  /** How many vats restart at once at a new platform epoch. */
  readonly concurrency?: number;
}

export interface BootOptions {
  readonly platformEpoch?: number;
  readonly platformRestart?: PlatformRestartOptions;
}

export class Host {
  readonly #path: string;
  #store: ReturnType<typeof openSwingStore>;
  #controller: SwingsetController | undefined;

  readonly #machine: Machine;

  private constructor(directory: string, machine: Machine) {
    this.#machine = machine;
    this.#path = path.join(directory, 'store');
    this.#store = openSwingStore(this.#path);
  }

  static async start(directory: string, machine: Machine): Promise<Host> {
    const host = new Host(directory, machine);
    await initializeSwingset(await makeConfig(), [], host.#store.kernelStorage, {
      addComms: false,
      addVattp: false,
      addTimer: false,
      platformEpoch: 1,
    });
    await host.commit();
    await host.#boot({});
    return host;
  }

  get controller(): SwingsetController {
    if (!this.#controller) throw Error('the host is not running');
    return this.#controller;
  }

  get kvStore(): KVStore {
    return this.#store.kernelStorage.kvStore;
  }

  get crankNumber(): number {
    return Number(this.kvStore.get('crankNumber'));
  }

  commit(): Promise<void> {
    return this.#store.hostStorage.commit();
  }

  async #boot({ platformRestart, ...options }: BootOptions): Promise<void> {
    const { warehousePolicy = {}, concurrency = 1 } = this.#machine;
    this.#controller = await makeSwingsetController(
      this.#store.kernelStorage,
      {},
      {
        ...options,
        ...(platformRestart && { platformRestart: { ...platformRestart, concurrency } }),
        warehousePolicy,
        console: quiet,
      },
    );
  }

  async reboot(options: BootOptions = {}): Promise<void> {
    await this.controller.shutdown();
    await this.commit();
    await this.#boot(options);
  }

  /** Reboots without a commit, so that uncommitted changes are lost. */
  async crash(): Promise<void> {
    await this.controller.shutdown();
    await this.#store.hostStorage.close();
    this.#store = openSwingStore(this.#path);
    await this.#boot({});
  }

  /** The resolution of a promise, which can be read once. Undefined while it is unresolved. */
  answerOf(kpid: string): Answer | undefined {
    const status = this.controller.kpStatus(kpid);
    if (status === 'unresolved') return undefined;
    if (status === 'unknown') throw new SoakFailure(`${kpid} is gone`);
    const { body, slots } = this.controller.kpResolution(kpid, { incref: false });
    const value: unknown = kunser({ body, slots: [...slots] });
    return { status, value: value instanceof Error ? value.message : value, slots };
  }

  /** @throws SoakFailure when the kernel's tables contradict each other. */
  checkTables(): void {
    const findings = checkKernelState(this.#store.kernelStorage, {
      quiescent: true,
      hostHeld: new Map(),
    });
    if (findings.length === 0) return;
    const lines = findings.map(({ kind, key, problem }) => `${kind}: ${key}: ${problem}`);
    throw new SoakFailure(`the kernel's tables are wrong:\n${lines.join('\n')}`);
  }

  async stop(): Promise<void> {
    await this.#controller?.shutdown();
    await this.#store.hostStorage.close();
    rmSync(this.#path, { recursive: true, force: true });
  }
}
