/**
 * The blocks of one chain on one node: which one is next, executed or committed.
 *
 * Boundary: the only code here that commits. It knows no engine and no snapshots.
 *
 * Invariants
 * 1. A block that is asked for twice is executed once, and answered alike: before its commit from
 *    memory, afterwards from the store.
 * 2. Nothing of a block is durable before `commit`, and all of it afterwards.
 * 3. After an error in a block nothing is committed any more.
 * 4. `view` is the state of the last commit, also while a block is executed.
 * 5. Once it is closed, or has failed to start, nothing of it has the store open.
 */
import { makePromiseKit } from '@endo/promise-kit';
import { callUnawaited } from '../../controller/outlets.js';
import { errorText } from '../../errors.js';
import { toHex } from '../transactions/hex.js';
import { Admission, type AdmissionContext } from './admission.js';
import { BlockRows } from './block-rows.js';
import type { BlockEffects } from './block-effects.js';
import type { PowerChange } from './block-work.js';
import { makeBlockBudget } from './budget.js';
import { makeCachedDecoder } from './cached-decoder.js';
import { epochsOf, nextHeightOf, readCommitted, type CommittedView } from './committed-view.js';
import {
  ChainExistsError,
  HeightError,
  HostBusyError,
  HostStoppedError,
  NoChainError,
  NothingExecutedError,
  OtherBlockError,
  UpgradeNeededError,
} from './errors.js';
import { executeBlock } from './execute-block.js';
import { initializeChain } from './genesis.js';
import type { BlockHostOptions } from './local-options.js';
import { makeOutputRoom } from './output-room.js';
import type { DeviceOutput } from './outputs.js';
import { countCranks } from './run-queue.js';
import { openSession, type Session } from './session.js';
import { judgeSoftware, meetPlan, type SoftwareRole } from './software.js';
import { startKernel } from './start-kernel.js';
import { storePathOf } from './store-path.js';
import * as chain from './tables/chain.js';
import { writeLastBlock } from './tables/last-block.js';
import type { Block, BlockResult, InitRequest } from './types.js';
import { finishUpgrade, skipUpgrade } from './upgrade.js';
import { insistSkipHeights } from './upgrade-plan.js';
import { writeUpgradeInfo } from './upgrade-info.js';

interface ExecutedBlock {
  readonly height: number;
  readonly hash: string;
  readonly result: BlockResult;
  readonly outputs: readonly DeviceOutput[];
}

export class ChainNode {
  readonly path: string;

  readonly decode = makeCachedDecoder();

  readonly #options: BlockHostOptions;

  readonly #skipped: ReadonlySet<number>;

  #session: Session;

  #view: CommittedView | undefined;

  #executed: ExecutedBlock | undefined;

  /** What `check` has admitted since the last commit. */
  #checks: Admission | undefined;

  /** The call under way. */
  #current: { readonly operation: string; readonly ended: Promise<void> } | undefined;

  #stopped: HostStoppedError | undefined;

  #closing: Promise<void> | undefined;

  constructor(options: BlockHostOptions) {
    this.#options = options;
    this.#skipped = insistSkipHeights(options.skipUpgradeHeights ?? []);
    this.path = storePathOf(options.home);
    this.#session = this.#open(false);
  }

  /** The last commit; undefined before there is a chain. */
  get view(): CommittedView | undefined {
    return this.#view;
  }

  /** Reads the last commit, judges the software, and starts the kernel unless the next block has to. */
  async start(): Promise<void> {
    try {
      this.#noteCommit();
      if (this.#view && this.#judge(this.#view).kind === 'current') await this.#startKernel();
    } catch (error) {
      await this.#session.close();
      throw error;
    }
  }

  /** Runs one call that changes state at a time. */
  async exclusively<T>(operation: string, task: () => Promise<T>): Promise<T> {
    if (this.#stopped) throw this.#stopped;
    if (this.#current) throw new HostBusyError(operation, this.#current.operation);
    const { promise: ended, resolve: end } = makePromiseKit<void>();
    this.#current = { operation, ended };
    try {
      return await task();
    } finally {
      this.#current = undefined;
      end();
    }
  }

  /** @throws NoChainError */
  requireView(operation: string): CommittedView {
    if (!this.#view) throw new NoChainError(operation);
    return this.#view;
  }

  admissionContext(view: CommittedView): AdmissionContext {
    const { rows, params, identity } = view;
    return {
      decode: this.decode,
      rows,
      params,
      chainID: identity.chainID,
      epochs: epochsOf(view),
      height: nextHeightOf(view),
    };
  }

  /** What judges the transactions that wait, one after the other, until the next commit. */
  checks(view: CommittedView): Admission {
    this.#checks ??= new Admission(this.admissionContext(view));
    return this.#checks;
  }

  async init(request: InitRequest): Promise<Uint8Array> {
    if (this.#view && this.#view.lastBlock.height > 0) {
      throw new ChainExistsError(this.#view.lastBlock.height);
    }
    // An engine that stopped before the first block asks again.
    await this.#reopen(true);
    const { kernelStorage, hostStorage } = this.#session;
    const rows = new BlockRows(hostStorage.kvStore);
    const { platformEpoch } = this.#options;
    try {
      await initializeChain(request, { kernelStorage, rows, platformEpoch });
    } catch (error) {
      await this.#reopen(true);
      throw error;
    }
    const appHash = this.#session.seal(rows);
    writeLastBlock(hostStorage.kvStore, {
      height: 0,
      time: request.time,
      hash: '',
      result: { appHash, txResults: [], events: [], validatorUpdates: [] },
    });
    await hostStorage.commit();
    this.#noteCommit();
    return appHash;
  }

  async execute(block: Block): Promise<BlockResult> {
    const view = this.requireView('executeBlock');
    const { height } = block;
    const hash = toHex(block.hash);
    const { lastBlock } = view;
    if (height === lastBlock.height && height > 0) {
      if (hash === lastBlock.hash) return lastBlock.result;
      throw new OtherBlockError(height, lastBlock.hash, hash);
    }
    if (height !== nextHeightOf(view)) throw new HeightError(height, nextHeightOf(view));
    if (this.#executed) {
      if (this.#executed.hash === hash) return this.#executed.result;
      await this.#reopen(false);
    }
    const role = this.#judge(view);
    const plan = role.kind === 'current' ? this.#meetPlan(view, height) : undefined;
    try {
      this.#executed = await this.#executeNext(block, role, plan === 'skip');
      return this.#executed.result;
    } catch (error) {
      throw await this.#stop(error);
    }
  }

  /** Lets the block's outputs out. Does nothing if the block was committed before. */
  async commit(): Promise<void> {
    const view = this.requireView('commit');
    const executed = this.#executed;
    if (!executed) {
      // The answer to a block that was asked for again needs no commit.
      if (view.lastBlock.height > 0) return;
      throw new NothingExecutedError(view.lastBlock.height);
    }
    try {
      await this.#options.faultPoint?.('before-commit');
      await this.#session.hostStorage.commit();
      await this.#options.faultPoint?.('after-commit');
      this.#noteCommit();
      this.#tell(executed);
    } catch (error) {
      throw await this.#stop(error);
    }
  }

  /** Closes the store, lets `change` work on its directory, and opens what is there then. */
  async replaceStore(change: () => Promise<void>): Promise<void> {
    await this.#session.close();
    try {
      await change();
    } finally {
      this.#session = this.#open(false);
      this.#noteCommit();
    }
    await this.start();
  }

  /** Also of a host that an error has stopped: until then its store stays open for queries. */
  close(): Promise<void> {
    return (this.#closing ??= this.#closeAll());
  }

  async #closeAll(): Promise<void> {
    this.#stopped ??= new HostStoppedError('it was closed');
    const session = this.#session;
    try {
      await session.close();
    } finally {
      // A call under way may open another one: a restore that ends, or a block that replaces one.
      await this.#current?.ended;
      await this.#session.close();
    }
  }

  /**
   * Lets outputs out. What a listener rejects with later stops the host as what it throws does.
   * Nobody waits for it: it may wait for the engine, which waits for this commit.
   */
  #tell({ outputs, height }: ExecutedBlock): void {
    callUnawaited(
      () => this.#options.onCommitted?.(outputs, height),
      error => void this.#stop(error),
    );
  }

  #judge(view: CommittedView): SoftwareRole {
    const { lastBlock, plan } = view;
    const position = { epochs: epochsOf(view), plan, height: lastBlock.height };
    return judgeSoftware(this.#options.platformEpoch, position);
  }

  #meetPlan({ plan }: CommittedView, height: number): 'none' | 'skip' {
    try {
      return meetPlan(this.#options.platformEpoch, { plan }, height, this.#skipped);
    } catch (error) {
      if (error instanceof UpgradeNeededError && plan) writeUpgradeInfo(this.#options.home, plan);
      throw error;
    }
  }

  async #startKernel(): Promise<void> {
    this.#session.kernel ??= await startKernel(this.#session, this.#options);
  }

  async #executeNext(block: Block, role: SoftwareRole, skipsPlan: boolean): Promise<ExecutedBlock> {
    const session = this.#session;
    const { hostStorage, kernelStorage } = session;
    const { height } = block;
    const rows = new BlockRows(hostStorage.kvStore);
    const room = makeOutputRoom();
    const effects: BlockEffects = { height, rows, events: [], outputs: [], room };
    const cranksBefore = countCranks(kernelStorage);
    let appVersion: number | undefined;
    if (role.kind === 'upgrade') {
      const { plan } = role;
      session.kernel = await startKernel(session, this.#options, { plan, effects });
      const report = session.kernel.controller.getPlatformRestartReport();
      appVersion = finishUpgrade(effects, plan, report);
    } else {
      await this.#startKernel();
      if (skipsPlan && this.#view?.plan) skipUpgrade(effects, this.#view.plan);
    }
    const kernel = session.kernel!;
    kernel.devices.beginBlock(effects);
    const params = chain.params.require(rows);
    const work = {
      ...effects,
      ...kernel,
      cranksBefore,
      budget: makeBlockBudget(params, () => room.isUsedUp()),
      validatorPowers: new Map<string, PowerChange>(),
    };
    const ports = { kernelStorage, params, decode: this.decode };
    const { txResults, validatorUpdates } = await kernel.controller.slogDuration(
      ['block-start', 'block-finish'],
      { blockHeight: height },
      () => executeBlock(work, block, ports),
    );
    await this.#options.faultPoint?.('block-executed');
    const result: BlockResult = {
      appHash: session.seal(rows),
      txResults,
      events: effects.events,
      validatorUpdates,
      ...(appVersion !== undefined && { appVersion: BigInt(appVersion) }),
    };
    const hash = toHex(block.hash);
    writeLastBlock(hostStorage.kvStore, { height, time: block.time, hash, result });
    return { height, hash, result, outputs: effects.outputs };
  }

  #noteCommit(): void {
    this.#executed = undefined;
    this.#checks = undefined;
    this.#view = readCommitted(this.#session.committed);
  }

  #open(isNew: boolean): Session {
    const { cachedBranches } = this.#options;
    const tree = cachedBranches === undefined ? {} : { cachedBranches };
    return openSession({ path: this.path, isNew, tree });
  }

  /** Forgets what is not committed. */
  async #reopen(isNew: boolean): Promise<void> {
    await this.#session.close();
    this.#session = this.#open(isNew);
    this.#noteCommit();
  }

  /** @returns the error that stopped it */
  async #stop(error: unknown): Promise<unknown> {
    this.#stopped ??= new HostStoppedError(errorText(error), { cause: error });
    // If closing fails too, the first error says more.
    await this.#session.kernel?.controller.shutdown().catch(() => undefined);
    return error;
  }
}
