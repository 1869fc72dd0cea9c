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
import type { VatID } from '../../types/ids.js';
import { RanAheadError } from '../../workers/ahead-worker.js';
import { withDueSnapshot } from '../vats/due-snapshot.js';
import { processRefCounts } from '../gc/gc.js';
import { makeErrorData } from '../delivery/kmarshal.js';
import { payBill } from '../delivery/metering.js';
import type { CrankOutcome, Termination } from '../delivery/outcome.js';
import { isWorkerDeath } from '../delivery/worker-loss.js';
import { processEvent, routeEvent } from './process-event.js';
import { terminateVat, type LifecyclePorts } from '../vats/vat-lifecycle.js';
import type { Work } from './work.js';

interface CrankParts<Outcome> {
  readonly task: () => Promise<Outcome>;
  /** Gives back the references of the event, which is done with. */
  readonly release: () => void;
  /** Takes the event out again, after its crank was undone, and gives back its references. */
  readonly drop: () => void;
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
  readonly #requested: Termination[] = [];

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
        if (crankType === 'routing') return routeEvent(this.#ports, event as RunQueueEvent);
        return withDueSnapshot(this.#ports, await processEvent(this.#ports, event));
      },
      release,
      drop: () => {
        event = take();
        release();
      },
      finish: hashes =>
        this.#ports.slog.crankFinish({ crankType, messageType: event?.type, ...hashes }),
    });
  }

  /** Runs something that is no queued event (a restart, the host's wish) as a crank of its own. */
  async runTask<Outcome extends CrankOutcome>(
    type: string,
    task: () => Promise<Outcome>,
  ): Promise<Outcome> {
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

  async #crank<Outcome extends CrankOutcome>({
    task,
    release,
    drop,
    finish,
  }: CrankParts<Outcome>): Promise<Outcome> {
    const { state, devices, insistRunning, insistHealthy } = this.#ports;
    insistRunning();
    devices.settle(true);
    state.beginCrank();
    const outcome = await this.#attempt(task);
    await this.#apply(outcome, { release, drop });
    for (const end of this.#takeRequested()) await terminateVat(this.#ports, end);
    insistHealthy();
    processRefCounts(state);
    finish(state.endCrank());
    return outcome;
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
        await warehouse.resetWorker(error.vatID);
        if (hasRunAhead) {
          // That was no try: the vat has not had its turn yet.
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
  async #apply(
    outcome: CrankOutcome,
    { release, drop }: Pick<CrankParts<CrankOutcome>, 'release' | 'drop'>,
  ): Promise<void> {
    const { state, panic } = this.#ports;
    switch (outcome.kind) {
      case 'done':
        release();
        break;
      case 'moved':
        break;
      case 'ended':
        release();
        await terminateVat(this.#ports, outcome.end);
        break;
      case 'failed': {
        const { event, bill } = outcome;
        const { vatID } = outcome.end;
        await this.#undoForGood(vatID);
        const end = this.#withSurvivingInfo(outcome.end);
        // The event of a vat that the crank itself made would make it again, for ever.
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
        return outcome satisfies never;
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
    await this.#ports.warehouse.resetWorker(vatID);
  }

  #takeRequested(): Termination[] {
    return this.#requested.splice(0);
  }

  /** Last words may name what the crank made; if that was undone, they go with it. */
  #withSurvivingInfo(end: Termination): Termination {
    const { state } = this.#ports;
    return end.info.slots.every(kref => state.exists(kref))
      ? end
      : { ...end, info: makeErrorData('the vat failed; its reason named things that were undone') };
  }
}

const isUndone = ({ kind }: CrankOutcome): boolean =>
  kind === 'failed' || kind === 'undone' || kind === 'panic';
