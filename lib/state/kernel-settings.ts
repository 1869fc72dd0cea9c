/**
 * Settings of the whole kernel, on which replicas agree. They are made with the store and changed
 * by `changeKernelOptions`.
 */
import {
  currentLimits,
  DEFAULT_COMPUTRON_LIMIT,
  LIMIT_TABLES,
  type LimitTables,
  type VatLimits,
} from '../types/vat-limits.js';
import type { HeapPolicy } from '../types/policies.js';
import type { DirtThreshold, ManagerType } from '../types/vat-options.js';
import type { CrankBuffer } from './crank-buffer.js';
import { globalRows } from './rows.js';

/** Settings that hosts can't choose, because replicas would have to agree on them. For specs. */
export interface KernelSettingsOverride {
  /** Replaces the tables of limits. */
  readonly limits?: LimitTables;
  /** Replaces the stored limit. */
  readonly computronLimit?: number | 'never';
}

export class KernelSettings {
  readonly #kv: CrankBuffer;

  readonly #override: KernelSettingsOverride;

  constructor(kv: CrankBuffer, override: KernelSettingsOverride) {
    this.#kv = kv;
    this.#override = override;
  }

  get defaultManagerType(): ManagerType {
    return globalRows.defaultManagerType.require(this.#kv) === 'local' ? 'local' : 'xsnap';
  }

  set defaultManagerType(type: ManagerType) {
    globalRows.defaultManagerType.write(this.#kv, type);
  }

  get defaultReapDirtThreshold(): DirtThreshold {
    return globalRows.defaultReapDirtThreshold.require(this.#kv);
  }

  set defaultReapDirtThreshold(threshold: DirtThreshold) {
    globalRows.defaultReapDirtThreshold.write(this.#kv, threshold);
  }

  get relaxDurabilityRules(): boolean {
    return globalRows.relaxDurabilityRules.read(this.#kv) === 'true';
  }

  set relaxDurabilityRules(relax: boolean) {
    if (relax) globalRows.relaxDurabilityRules.write(this.#kv, 'true');
  }

  get snapshotInitial(): number {
    return globalRows.snapshotInitial.require(this.#kv);
  }

  set snapshotInitial(count: number) {
    globalRows.snapshotInitial.write(this.#kv, count);
  }

  get snapshotInterval(): number | 'never' {
    return globalRows.snapshotInterval.require(this.#kv);
  }

  set snapshotInterval(count: number | 'never') {
    globalRows.snapshotInterval.write(this.#kv, count);
  }

  /** Undefined: no vat is restarted for its heap. */
  get heapPolicy(): HeapPolicy | undefined {
    return globalRows.heapPolicy.read(this.#kv);
  }

  set heapPolicy(policy: HeapPolicy | undefined) {
    if (policy) globalRows.heapPolicy.write(this.#kv, policy);
    else if (globalRows.heapPolicy.exists(this.#kv)) globalRows.heapPolicy.delete(this.#kv);
  }

  get limitTables(): LimitTables {
    return this.#override.limits ?? LIMIT_TABLES;
  }

  /** The limits of the kernel, its devices and its host. */
  get limits(): VatLimits {
    return currentLimits(this.limitTables);
  }

  /** Computrons per delivery, for vats without a meter whose incarnation starts from now on. */
  get computronLimit(): number | 'never' {
    const { computronLimit = globalRows.computronLimit.read(this.#kv) } = this.#override;
    return computronLimit ?? DEFAULT_COMPUTRON_LIMIT;
  }

  set computronLimit(limit: number | 'never') {
    globalRows.computronLimit.write(this.#kv, limit);
  }
}
