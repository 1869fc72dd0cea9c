/**
 * The live vats of a kernel that is being started, and the engine that each is bound to.
 *
 * Boundary: reads what is recorded, and never the machine: replicas must agree.
 */
import type { KernelParts } from '../kernel/types.js';
import { standingOf, type VatStanding } from '../kernel/vats/fate.js';
import { compareIDs, type BundleID, type VatID } from '../types/ids.js';

export interface LiveVat extends VatStanding {
  readonly vatID: VatID;
  readonly name: string | undefined;
  readonly isStatic: boolean;
  readonly bundleID: BundleID;
  readonly incarnation: number;
}

/** What a plan reads of the kernel's parts. It starts no worker. */
export interface PlanParts {
  readonly lifecycle: Pick<
    KernelParts['lifecycle'],
    'state' | 'kernelStorage' | 'platform' | 'slog'
  > & { readonly warehouse: Pick<KernelParts['lifecycle']['warehouse'], 'getIncarnation'> };
  readonly liveVats: LiveVats;
}

/** The kernel's parts, as a restart is written with them. */
export interface EpochParts extends KernelParts {
  readonly liveVats: LiveVats;
}

export class LiveVats {
  readonly #lifecycle: PlanParts['lifecycle'];

  readonly #assumedEngine: string | undefined;

  /** @param assumeEngine - the engine of vats whose record names none: `installed`, or its name */
  constructor({ lifecycle }: Pick<PlanParts, 'lifecycle'>, assumeEngine: string | undefined) {
    this.#lifecycle = lifecycle;
    this.#assumedEngine = assumeEngine === 'installed' ? this.#runningEngine : assumeEngine;
  }

  /** By number, so static vats come first. */
  list(): readonly LiveVat[] {
    const { state, warehouse } = this.#lifecycle;
    const dynamic = new Set(state.vats.dynamicIDs());
    return state.vats
      .allIDs()
      .map(vatID => ({
        vatID,
        name: state.vats.getOptions(vatID).name,
        ...standingOf(state, vatID),
        isStatic: !dynamic.has(vatID),
        bundleID: state.vats.getSource(vatID).bundleID,
        incarnation: warehouse.getIncarnation(vatID),
      }))
      .sort((a, b) => compareIDs(a.vatID, b.vatID));
  }

  /** False once the start of another vat has ended it. */
  isLive(vatID: VatID): boolean {
    return this.#lifecycle.state.vats.isLive(vatID);
  }

  /**
   * The engine of an xsnap vat's present incarnation, undefined inside if nothing names it. Undefined
   * for `local` vats and for vats between incarnations.
   */
  boundTo(vatID: VatID): { readonly engine: string | undefined } | undefined {
    const { state } = this.#lifecycle;
    const { workerOptions } = state.vats.getOptions(vatID);
    return workerOptions.type === 'xsnap' && !state.services.isSuspended(vatID)
      ? { engine: workerOptions.engine ?? this.#assumedEngine }
      : undefined;
  }

  /**
   * Can a worker still continue the vat's present incarnation? An xsnap vat needs the running engine
   * and its bundles. SwingSet doesn't record engines, so without `assumeEngine` its vats can't.
   */
  isLoadable(vatID: VatID): boolean {
    const { state, kernelStorage } = this.#lifecycle;
    const { workerOptions } = state.vats.getOptions(vatID);
    if (workerOptions.type === 'local') return true;
    const engine = workerOptions.engine ?? this.#assumedEngine;
    return (
      engine === this.#runningEngine &&
      [...workerOptions.bundleIDs, ...(workerOptions.imageBundles ?? [])].every(bundleID =>
        kernelStorage.bundleStore.hasBundle(bundleID),
      )
    );
  }

  /** Inside a crank: records the assumed engine of a vat whose record names none. */
  recordEngine(vatID: VatID): void {
    const { state } = this.#lifecycle;
    const options = state.vats.getOptions(vatID);
    const { workerOptions } = options;
    const engine = this.#assumedEngine;
    if (workerOptions.type !== 'xsnap' || workerOptions.engine !== undefined) return;
    if (engine === undefined) return;
    state.vats.setOptions(vatID, { ...options, workerOptions: { ...workerOptions, engine } });
  }

  get #runningEngine(): string {
    return this.#lifecycle.platform.fingerprint.engine;
  }
}
