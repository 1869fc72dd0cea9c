/**
 * Runs cranks: one event and all its effects, kept or undone as a whole.
 *
 * Boundary: the only place that begins, ends and undoes cranks, and that applies outcomes.
 *
 * Invariants
 * 1. Every crank ends with hashes, unless the kernel panics. Then the crank stays open, and the
 *    store refuses to commit it.
 * 2. An outcome affects its vat and the effects of its crank, and nothing else.
 * 3. If a worker dies of nothing its vat did, the runner replaces it and tries the crank again.
 *    After the last try, the host's `WorkerDeathPolicy` decides. Devices don't notice the retries.
 *
 * Half of all cranks route an event, which waits for nothing. They make no promises: under
 * `@endo/init`, which watches all promises, those would take longer than the routing.
 */
import type { KernelEvent, RunQueueEvent } from '../../state/events.js';
import { referencesOf } from '../../state/events.js';
import type { CrankHashes } from '../../store/types.js';
import type { VatID } from '../../types/ids.js';
import { RanAheadError } from '../../workers/ahead-worker.js';
import { withDueSnapshot } from '../vats/due-snapshot.js';
import { processRefCounts } from '../gc/gc.js';
import { makeErrorData } from '../delivery/kmarshal.js';
import { payBill } from '../delivery/metering.js';
import type { CrankOutcome, Ended, Termination } from '../delivery/outcome.js';
import { isWorkerDeath } from '../delivery/worker-loss.js';
import { processEvent, routeEvent } from './process-event.js';
import { terminateVat, type LifecyclePorts } from '../vats/vat-lifecycle.js';
import type { Work } from './work.js';

interface CrankEnds {
  /** Gives back the references of an event that is done. */
  readonly release: () => void;
  /** After the undo: takes the event out of its queue again and gives back its references. */
  readonly drop: () => void;
  readonly finish: (hashes: CrankHashes) => void;
}

interface CrankParts<Outcome> extends CrankEnds {
  readonly task: () => Promise<Outcome>;
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

  /** Vats that device hooks asked to end with the present crank. */
  readonly #requested: Termination[] = [];

  constructor(ports: LifecyclePorts) {
    this.#ports = ports;
  }

  /** For device hooks: the vat ends when the crank does. */
  requestTermination(end: Termination): void {
    this.#requested.push(end);
  }

  /** Runs one queued event as a crank. */
  run({ crankType, take }: Work): Ended<CrankOutcome> | Promise<Ended<CrankOutcome>> {
    const { state, slog } = this.#ports;
    let event: KernelEvent | undefined;
    const takeEvent = () => {
      event = take();
      slog.crankStart(state.crankNumber, crankType, event);
      return event;
    };
    const release = () => {
      if (event && isQueued(event)) {
        for (const kref of referencesOf(event)) state.refs.decrement(kref);
      }
    };
    const ends: CrankEnds = {
      release,
      drop: () => {
        event = take();
        release();
      },
      finish: hashes => slog.crankFinish({ crankType, messageType: event?.type, ...hashes }),
    };
    if (crankType === 'routing') {
      this.#begin();
      return this.#settle(routeEvent(this.#ports, takeEvent() as RunQueueEvent), ends);
    }
    const task = async () =>
      withDueSnapshot(this.#ports, await processEvent(this.#ports, takeEvent()));
    return this.#crank({ task, ...ends });
  }

  /** Runs something other than a queued event as a crank: a restart, or a call of the host. */
  async runTask<Outcome extends CrankOutcome>(
    type: string,
    task: () => Promise<Outcome>,
  ): Promise<Ended<Outcome>> {
    const { state, slog } = this.#ports;
    const nothing = () => undefined;
    return this.#crank({
      task: async () => {
        slog.crankStart(state.crankNumber, 'delivery', { type });
        return task();
      },
      release: nothing,
      drop: nothing,
      finish: hashes => slog.crankFinish({ crankType: 'delivery', messageType: type, ...hashes }),
    });
  }

  #begin(): void {
    const { state, devices, insistRunning } = this.#ports;
    insistRunning();
    devices.settle(true);
    state.beginCrank();
  }

  async #crank<Outcome extends CrankOutcome>({
    task,
    ...ends
  }: CrankParts<Outcome>): Promise<Ended<Outcome>> {
    this.#begin();
    return this.#settle(await this.#attempt(task), ends);
  }

  /** Applies the outcome and ends the crank. */
  #settle<Outcome extends CrankOutcome>(
    outcome: Outcome,
    ends: CrankEnds,
  ): Ended<Outcome> | Promise<Ended<Outcome>> {
    const applied = this.#apply(outcome, ends);
    return applied || this.#requested.length > 0
      ? this.#settleLater(applied, outcome, ends)
      : this.#end(outcome, ends);
  }

  async #settleLater<Outcome extends CrankOutcome>(
    applied: Promise<void> | undefined,
    outcome: Outcome,
    ends: CrankEnds,
  ): Promise<Ended<Outcome>> {
    await applied;
    for (const end of this.#takeRequested()) await terminateVat(this.#ports, end);
    return this.#end(outcome, ends);
  }

  #end<Outcome extends CrankOutcome>(
    outcome: Outcome,
    { finish }: Pick<CrankEnds, 'finish'>,
  ): Ended<Outcome> {
    const { state, insistHealthy } = this.#ports;
    insistHealthy();
    processRefCounts(state);
    finish(state.endCrank());
    // Unless it panicked, in which case the kernel isn't healthy.
    return outcome as Ended<Outcome>;
  }

  /** Tries the task until no worker dies of nothing its vat did. */
  async #attempt<Outcome extends CrankOutcome>(task: () => Promise<Outcome>): Promise<Outcome> {
    const { warehouse, tries, devices, insistRunning } = this.#ports;
    tries.begin();
    for (;;) {
      try {
        const outcome = await task();
        if (!isUndone(outcome)) devices.insistRepeated();
        return outcome;
      } catch (error) {
        const hasRunAhead = error instanceof RanAheadError;
        if (!hasRunAhead && !isWorkerDeath(error)) throw error;
        insistRunning();
        this.#undo();
        devices.rewind();
        await warehouse.stopWorker(error.vatID);
        if (hasRunAhead) {
          // Not a try: the vat has not had its turn yet.
          await warehouse.ahead.withdraw(error.vatID);
        } else if (tries.isLast) {
          throw error;
        } else {
          tries.noteDeath();
        }
      }
    }
  }

  /** The one place that applies outcomes. */
  #apply(outcome: CrankOutcome, ends: CrankEnds): Promise<void> | undefined {
    switch (outcome.kind) {
      case 'done':
        ends.release();
        return undefined;
      case 'moved':
        return undefined;
      case 'ended':
        ends.release();
        return terminateVat(this.#ports, outcome.end);
      case 'failed':
      case 'undone':
      case 'panic':
        return this.#applyUndone(outcome, ends);
      default:
        return outcome satisfies never;
    }
  }

  async #applyUndone(
    outcome: Extract<CrankOutcome, { kind: 'failed' | 'undone' | 'panic' }>,
    { drop }: CrankEnds,
  ): Promise<void> {
    const { state, panic } = this.#ports;
    switch (outcome.kind) {
      case 'failed': {
        const { event, bill } = outcome;
        const { vatID } = outcome.end;
        await this.#undoForGood(vatID);
        const end = this.#withSurvivingInfo(outcome.end);
        // If the crank made the vat, the event would make it again, without end.
        if (event === 'dropped' || !state.vats.exists(vatID)) drop();
        if (bill) payBill(this.#ports, bill);
        await terminateVat(this.#ports, end);
        break;
      }
      case 'undone':
        await this.#undoForGood(outcome.vatID);
        if (outcome.event === 'dropped') drop();
        await outcome.instead();
        break;
      case 'panic':
        await this.#undoForGood(outcome.vatID);
        panic(outcome.cause.message, outcome.cause);
        break;
      default:
        outcome satisfies never;
    }
  }

  /** As if the crank had just begun. */
  #undo(): void {
    this.#takeRequested();
    this.#ports.state.abortCrank();
  }

  /** The crank isn't tried again. */
  async #undoForGood(vatID: VatID): Promise<void> {
    this.#undo();
    this.#ports.devices.settle(false);
    await this.#ports.warehouse.stopWorker(vatID);
  }

  #takeRequested(): Termination[] {
    return this.#requested.splice(0);
  }

  /** The reason may refer to objects that were undone with the crank. */
  #withSurvivingInfo(end: Termination): Termination {
    const { state } = this.#ports;
    return end.info.slots.every(kref => state.exists(kref))
      ? end
      : { ...end, info: makeErrorData('the vat failed; its reason named things that were undone') };
  }
}

const isUndone = ({ kind }: CrankOutcome): boolean =>
  kind === 'failed' || kind === 'undone' || kind === 'panic';
