/**
 * Makes the blocks of a solo server, one after the other: takes the requests that wait, runs the
 * kernel within a budget, commits, and answers.
 *
 * Boundary: the only code of the server that uses the controller. It knows no HTTP.
 *
 * Invariants
 * 1. A request is answered, and a block announced, only after the block's commit.
 * 2. A request that was answered is in the store's queue or done: it is delivered exactly once,
 *    however the process ends. One that was not answered may be lost.
 * 3. After an error in the kernel or a commit, nothing more is committed or answered.
 * 4. `stop` lets the crank in progress end, and its block's commit. No other crank begins.
 */
import { makePromiseKit } from '@endo/promise-kit';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { SwingsetController } from '../../controller/types.js';
import { SwingsetError } from '../../errors.js';
import type { RunPolicy } from '../../types/policies.js';
import { makeBlockBudget } from '../block-host/budget.js';
import type { BeforeCommitPorts, SoloHost } from '../solo-host.js';
import type { CommittedState } from './committed-state.js';
import { SoloServerStoppedError } from './errors.js';
import { InboundQueue, type InboundLimits, type InboundTask, type Taken } from './inbound.js';
import type { SoloBlock } from './options.js';
import type { ResolvedResult, ResultTable } from './results.js';

/** Errors of requests. Others of the kernel's stop it. */
const REFUSALS: readonly string[] = [
  ...['BAD_OPTION', 'BAD_IDENTIFIER', 'BAD_BUNDLE', 'VAT_STATE'],
];

/** Whether the kernel has failed, and not the request. Marshalling throws plain TypeErrors. */
const isFatal = (error: unknown): boolean =>
  error instanceof SwingsetError && !REFUSALS.includes(error.code);

/** Milliseconds between looks at the clock while there is nothing else to do. */
const TICK = 1_000;

/** Rows of terminated vats that one block deletes. */
const CLEANUP_DELETIONS = 200;

export interface BlockMakerOptions {
  /** Seconds; 0 makes a block as soon as there is work. */
  readonly blockInterval: number;
  readonly blockComputrons: number;
  readonly limits: InboundLimits;
  readonly onBlock: (block: SoloBlock) => void;
}

export interface BlockMakerPorts {
  readonly host: Pick<SoloHost, 'controller' | 'pollTimer' | 'run'>;
  readonly state: CommittedState;
  readonly results: ResultTable;
}

export class BlockMaker {
  /** Resolves when the last block is done; rejects with the error that ended the kernel. */
  readonly ended: Promise<void>;

  readonly #ports: BlockMakerPorts;

  readonly #options: BlockMakerOptions;

  readonly #inbound: InboundQueue;

  #height: number;

  /** Events in the kernel's queues after the last commit. */
  #queued: number;

  /** Set while a block is made. */
  #underWay: { readonly height: number; resolved: readonly ResolvedResult[] } | undefined;

  #stopped: SoloServerStoppedError | undefined;

  #failure: { readonly error: unknown } | undefined;

  /** Ends a pause. */
  readonly #stopping = new AbortController();

  #wake = makePromiseKit<void>();

  readonly #end = makePromiseKit<void>();

  constructor(ports: BlockMakerPorts, options: BlockMakerOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#inbound = new InboundQueue(options.limits);
    this.#height = ports.state.height();
    this.#queued = ports.state.queued();
    this.ended = this.#end.promise;
    // Whoever waits for it gets the error; nobody has to.
    this.ended.catch(() => undefined);
  }

  /** Begins with what the kernel has left from an earlier life. Call it once. */
  start(): void {
    this.#end.resolve(this.#makeBlocks());
  }

  /** Requests that wait for a block. */
  get waiting(): number {
    return this.#inbound.length;
  }

  get pendingResults(): number {
    return this.#ports.results.pending;
  }

  /**
   * Performs a task in the next block. Resolves after its commit.
   * @throws SoloQueueFullError, SoloServerStoppedError, and what the task throws
   */
  async submit<T>(task: InboundTask<T>): Promise<Taken<T>> {
    if (this.#stopped) throw this.#stopped;
    const taken = this.#inbound.add(task, this.#queued);
    this.#wake.resolve();
    return taken;
  }

  /** Queues a message whose result the server keeps. Resolves to its promise. */
  async sendMessage({
    perform,
    ...rest
  }: Omit<InboundTask<string>, 'perform'> & {
    /** Queues the message. */
    readonly perform: (controller: SwingsetController) => string;
  }): Promise<Taken<string>> {
    return this.submit({
      ...rest,
      perform: controller => {
        const kpid = perform(controller);
        this.#ports.results.note(kpid);
        return kpid;
      },
    });
  }

  /** For `beforeCommit` of the solo host, which also commits a boot. */
  beforeCommit({ kvStore, controller }: BeforeCommitPorts): void {
    if (!this.#underWay) return;
    const { height } = this.#underWay;
    this.#underWay.resolved = this.#ports.results.write(kvStore, controller, height);
  }

  /** Takes no more requests, and refuses those that wait. Resolves like `ended`. */
  stop(): Promise<void> {
    this.#stopWith(new SoloServerStoppedError());
    return this.ended;
  }

  /** Ends the server with the error of a listener whose block is done. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#stopWith(new SoloServerStoppedError(error));
  }

  #stopWith(reason: SoloServerStoppedError): void {
    this.#stopped ??= reason;
    for (const entry of this.#inbound.takeAll()) entry.refuse(this.#stopped);
    this.#stopping.abort();
    this.#wake.resolve();
  }

  async #makeBlocks(): Promise<void> {
    let hasWork = this.#ports.state.hasWork();
    try {
      while (!this.#stopped) {
        if (!hasWork && this.waiting === 0) {
          hasWork = await this.#rest();
        } else {
          const pause = this.#pause();
          hasWork = await this.#makeBlock();
          await pause;
        }
      }
      if (this.#failure) throw this.#failure.error;
    } catch (error) {
      this.#stopWith(new SoloServerStoppedError(error));
      throw error;
    }
  }

  /** Ends when a request comes, or at the clock's next tick. Returns whether a timer is due. */
  async #rest(): Promise<boolean> {
    const tick = globalThis.setTimeout(() => this.#wake.resolve(), TICK);
    await this.#wake.promise;
    clearTimeout(tick);
    this.#wake = makePromiseKit();
    return !this.#stopped && this.#ports.host.pollTimer();
  }

  /** The least time from the beginning of one block to that of the next. */
  async #pause(): Promise<void> {
    const ms = this.#options.blockInterval * 1000;
    // Clients have their turn between blocks.
    if (ms === 0) return setImmediate();
    const { signal } = this.#stopping;
    return setTimeout(ms, undefined, { signal }).catch(() => undefined);
  }

  /** Returns whether there is more to do. */
  async #makeBlock(): Promise<boolean> {
    const { host, state } = this.#ports;
    const height = this.#height + 1;
    const underWay = { height, resolved: [] as readonly ResolvedResult[] };
    const entries = this.#inbound.takeAll();
    try {
      this.#underWay = underWay;
      const { policy, didMore } = this.#makePolicy();
      const { answers, cranks } = await host.controller.slogDuration(
        ['block-start', 'block-finish'],
        { blockHeight: height },
        async () => ({ answers: await this.#perform(entries), cranks: await host.run(policy) }),
      );
      this.#height = height;
      this.#queued = state.queued();
      for (const answer of answers) answer(height);
      this.#options.onBlock({ height, cranks, resolved: underWay.resolved });
      // A block that did nothing leaves nothing that the next one could do.
      return (cranks > 0 || didMore()) && state.hasWork();
    } catch (error) {
      const stopped = new SoloServerStoppedError(error);
      for (const entry of entries) entry.refuse(stopped);
      throw error;
    } finally {
      this.#underWay = undefined;
    }
  }

  /** Returns what tells the clients of those that were not refused. */
  async #perform(
    entries: ReturnType<InboundQueue['takeAll']>,
  ): Promise<readonly ((height: number) => void)[]> {
    const answers: ((height: number) => void)[] = [];
    for (const entry of entries) {
      try {
        answers.push(await entry.perform(this.#ports.host.controller));
      } catch (error) {
        if (isFatal(error)) throw error;
        entry.refuse(error);
      }
    }
    return answers;
  }

  /** The block's budget, which ends at once when the server stops. */
  #makePolicy(): { readonly policy: RunPolicy; readonly didMore: () => boolean } {
    const { policy } = makeBlockBudget({
      blockComputrons: this.#options.blockComputrons,
      cleanupDeletions: CLEANUP_DELETIONS,
      restarts: { vats: 1 },
    });
    let didMore = false;
    const goesOn = (mayGoOn: boolean): boolean => mayGoOn && !this.#stopped;
    return {
      didMore: () => didMore,
      policy: harden<RunPolicy>({
        vatCreated: details => goesOn(policy.vatCreated(details)),
        crankComplete: details => goesOn(policy.crankComplete(details)),
        crankFailed: details => goesOn(policy.crankFailed(details)),
        emptyCrank: () => goesOn(policy.emptyCrank()),
        allowCleanup: () => !this.#stopped && (policy.allowCleanup?.() ?? true),
        didCleanup: details => {
          didMore = true;
          return goesOn(policy.didCleanup?.(details) ?? true);
        },
        allowRestart: () => goesOn(policy.allowRestart?.() ?? false),
        didRestart: details => {
          didMore = true;
          policy.didRestart?.(details);
        },
      }),
    };
  }
}
