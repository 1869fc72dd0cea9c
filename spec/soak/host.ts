/** A swingset of a driver and players, in a directory. It can reboot and crash. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
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
import type { PlatformKind, PlatformRestartMode } from '../../lib/types/platform-epoch.js';
import type { RunPolicy } from '../../lib/types/policies.js';
import type { SlogSender } from '../../lib/types/slog.js';
import type { ManagerType } from '../../lib/types/vat-options.js';
import type { WarehousePolicy } from '../../lib/workers/types.js';
import { bundleOf } from '../support/shared-bundles.js';
import { SoakFailure, type Answer } from './operation.js';

const sourceOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const makeConfig = async (defaultManagerType: ManagerType) => ({
  bootstrap: 'driver',
  pinBootstrapRoot: true,
  defaultManagerType,
  // A reap of a local vat collects the garbage of this whole process.
  defaultReapInterval: defaultManagerType === 'local' ? 800 : 40,
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

export interface HostOptions {
  readonly machine?: Machine;
  /** Default `xsnap`. */
  readonly worker?: ManagerType;
  /** Default `own`. */
  readonly platform?: PlatformKind;
  /** How this host restarts, in place of what the round says. */
  readonly mode?: PlatformRestartMode;
  readonly slogSender?: SlogSender;
}

export interface BootOptions {
  readonly platformEpoch?: number;
  readonly platformRestart?: PlatformRestartOptions;
}

export class Host {
  /** Of the store. */
  readonly path: string;
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'swingset-soak-'));
  readonly #options: HostOptions;
  #store: ReturnType<typeof openSwingStore>;
  #controller: SwingsetController | undefined;
  /** Promises for answers that nobody reads. */
  #unread: string[] = [];
  #unreadAtCommit: string[] = [];

  private constructor(options: HostOptions) {
    this.#options = options;
    this.path = path.join(this.#directory, 'store');
    this.#store = openSwingStore(this.path);
  }

  static async start(options: HostOptions = {}): Promise<Host> {
    const { worker = 'xsnap', platform = 'own' } = options;
    const host = new Host(options);
    await initializeSwingset(await makeConfig(worker), [], host.#store.kernelStorage, {
      addComms: false,
      addVattp: false,
      addTimer: false,
      platformEpoch: 1,
      platform,
    });
    await host.commit();
    await host.#boot({});
    return host;
  }

  get mode(): PlatformRestartMode | undefined {
    return this.#options.mode;
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

  async commit(): Promise<void> {
    await this.#store.hostStorage.commit();
    this.#unreadAtCommit = [...this.#unread];
  }

  async #boot({ platformRestart, ...options }: BootOptions): Promise<void> {
    const { machine = {}, mode, slogSender } = this.#options;
    const { warehousePolicy = {}, concurrency = 1 } = machine;
    const restart = platformRestart && { ...platformRestart, ...(mode && { mode }), concurrency };
    this.#controller = await makeSwingsetController(
      this.#store.kernelStorage,
      {},
      {
        ...options,
        ...(restart && { platformRestart: restart }),
        ...(slogSender && { slogSender }),
        warehousePolicy,
        console: quiet,
      },
    );
  }

  async run(policy?: RunPolicy): Promise<void> {
    await this.controller.run(policy);
    this.#unread = this.#unread.filter(kpid => this.answerOf(kpid) === undefined);
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
    this.#store = openSwingStore(this.path);
    this.#unread = [...this.#unreadAtCommit];
    await this.#boot({});
  }

  /** Lets go of the answer as soon as it is there. */
  ignore(kpid: string | undefined): void {
    if (kpid !== undefined) this.#unread.push(kpid);
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

  /** How many rows there are of each kind: keys without their numbers. */
  countRows(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (let key = this.kvStore.getNextKey(''); key; key = this.kvStore.getNextKey(key)) {
      const kind = key.replaceAll(/\d+/g, '#');
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return counts;
  }

  async stop(): Promise<void> {
    await this.#controller?.shutdown();
    await this.#store.hostStorage.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
