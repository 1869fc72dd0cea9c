/**
 * The crank: one event and all its effects, kept or undone as a whole.
 *
 * Boundary: the only place that begins, ends and undoes cranks and that applies outcomes.
 *
 * Invariants
 * 1. Every crank that begins ends with hashes, unless the kernel panics; then it stays open and
 *    the host can't commit it by going on.
 * 2. Whatever a vat does, its outcome is applied to that vat and to its crank's effects only.
 * 3. A worker that dies of nothing the vat did is replaced and the crank tried again; what happens
 *    after the last try is the host's choice (`WorkerDeathPolicy`). Devices notice nothing of a retry.
 */
import type { KernelEvent, RunQueueEvent } from '../../state/events.js';
import { referencesOf } from '../../state/events.js';
import type { CrankHashes } from '../../store/types.js';
import { RanAheadError } from '../../workers/ahead-worker.js';
import { isWorkerDeath, WORKER_LOST } from '../vats/crank-tries.js';
import { saveDueSnapshot } from '../vats/due-snapshot.js';
import { processRefCounts } from '../gc/gc.js';
import { makeErrorData } from '../delivery/kmarshal.js';
import { vatFailed, type CrankOutcome, type Termination } from '../delivery/outcome.js';
import { processEvent, routeEvent } from './process-event.js';
import { terminateVat, type LifecyclePorts } from '../vats/vat-lifecycle.js';
import type { Work } from './work.js';

interface CrankParts {
  readonly task: () => Promise<CrankOutcome>;
  /** Gives back the references of the event, which is done with. */
  readonly release: () => void;
  /** Takes the event out once more, after an abort put it back, and drops it. */
  readonly consume: () => void;
  readonly finish: (hashes: CrankHashes) => void;
}

const isQueued = (event: KernelEvent): event is RunQueueEvent =>
  ![
    'dropExports',
    'retireExports',
    'retireImports',
    'negated-gc-action',
    'cleanup-terminated-vat',
  ].includes(event.type);

export class CrankRunner {
  readonly #ports: LifecyclePorts;

  /** Vats that hooks asked to end in the present crank. */
  #requested: Termination[] = [];

  constructor(ports: LifecyclePorts) {
    this.#ports = ports;
  }

  /** For hooks that run inside a crank: the vat ends when the crank does. */
  requestTermination(end: Termination): void {
    this.#requested.push(end);
  }

  /** Runs one piece of work as a crank. */
  async run({ crankType, take }: Work): Promise<CrankOutcome> {
    const { state } = this.#ports;
    let event: KernelEvent | undefined;
    const release = () => {
      if (event && isQueued(event)) {
        for (const kref of referencesOf(event)) state.refs.decrement(kref);
      }
    };
    return this.#crank({
      task: async () => {
        event = take();
        this.#ports.slog.crankStart(state.crankNumber, crankType, event);
        return crankType === 'routing'
          ? routeEvent(this.#ports, event as RunQueueEvent)
          : processEvent(this.#ports, event);
      },
      release,
      consume: () => {
        event = take();
        release();
      },
      finish: hashes =>
        this.#ports.slog.crankFinish({ crankType, messageType: event?.type, ...hashes }),
    });
  }

  /** Runs something that is no queued event (a restart, the host's wish) as a crank of its own. */
  async runTask(type: string, task: () => Promise<CrankOutcome>): Promise<CrankOutcome> {
    const { state, slog } = this.#ports;
    const nothing = () => undefined;
    return this.#crank({
      task: async () => {
        slog.crankStart(state.crankNumber, 'delivery', { type });
        return task();
      },
      release: nothing,
      consume: nothing,
      finish: hashes => slog.crankFinish({ crankType: 'delivery', messageType: type, ...hashes }),
    });
  }

  async #crank({ task, release, consume, finish }: CrankParts): Promise<CrankOutcome> {
    const { state, warehouse } = this.#ports;
    const { devices } = this.#ports;
    this.#ports.insistRunning();
    devices.settle(true);
    state.beginCrank();
    let outcome = await this.#attempt(task);
    if (outcome.abort) {
      this.#undo();
      devices.settle(false);
      if (outcome.terminate) {
        const terminate = this.#withSurvivingInfo(outcome.terminate);
        outcome = { ...outcome, terminate };
        // A vat that the crank itself made is undone with it. Its event would make it once more, and
        // for ever: the creation has failed, and vat-admin hears of it.
        if (!state.vats.exists(terminate.vatID)) outcome = { ...outcome, abort: 'consume' };
      }
      if (outcome.delivered) await warehouse.resetWorker(outcome.delivered);
      if (outcome.abort === 'consume') consume();
    } else if (!outcome.moved) {
      release();
    }
    await outcome.afterwards?.();
    await this.#applyTerminations(outcome);
    this.#ports.insistHealthy();
    processRefCounts(state);
    finish(state.endCrank());
    return outcome;
  }

  async #attempt(task: () => Promise<CrankOutcome>): Promise<CrankOutcome> {
    const { warehouse, tries, devices } = this.#ports;
    tries.begin();
    for (;;) {
      try {
        const outcome = await this.#withSnapshot(await task());
        if (!outcome.abort) devices.insistRepeated();
        return outcome;
      } catch (error) {
        const hasRunAhead = error instanceof RanAheadError;
        if (!hasRunAhead && !isWorkerDeath(error)) throw error;
        this.#ports.insistRunning();
        this.#undo();
        devices.rewind();
        await warehouse.resetWorker(error.vatID);
        if (hasRunAhead) {
          // That was no try: the vat has not had its turn yet.
          await warehouse.ahead.withdraw(error.vatID);
        } else if (!tries.isLast(error)) {
          tries.noteDeath();
        } else {
          if (this.#ports.onWorkerDeath === 'panic') throw error;
          return vatFailed(error.vatID, WORKER_LOST);
        }
      }
    }
  }

  /** As if the crank had just begun. */
  #undo(): void {
    this.#requested = [];
    this.#ports.state.abortCrank();
  }

  /** Last words may name what the crank made; if that was undone, they go with it. */
  #withSurvivingInfo(end: Termination): Termination {
    const { state } = this.#ports;
    return end.info.slots.every(kref => state.exists(kref))
      ? end
      : { ...end, info: makeErrorData('the vat failed; its reason named things that were undone') };
  }

  async #applyTerminations(outcome: CrankOutcome): Promise<void> {
    const ends = [...(outcome.terminate ? [outcome.terminate] : []), ...this.#requested];
    this.#requested = [];
    for (const end of ends) await terminateVat(this.#ports, end);
  }

  async #withSnapshot(outcome: CrankOutcome): Promise<CrankOutcome> {
    const { delivered: vatID, abort, terminate } = outcome;
    if (!vatID || abort || terminate) return outcome;
    return (await saveDueSnapshot(this.#ports, vatID)) ?? outcome;
  }
}
