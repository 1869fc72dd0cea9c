/**
 * Counts of what the kernel does, with `Up`, `Down` and `Max` for those that can fall.
 *
 * Queue lengths are consensus state (`kernelStats`); all else is `local.kernelStats`, because
 * replays and worker types may count differently. Names are SwingSet's.
 */
import type { CrankBuffer } from './crank-buffer.js';
import { globalRows } from './rows.js';

const counters = [
  'syscalls',
  'syscallSend',
  'syscallCallNow',
  'syscallSubscribe',
  'syscallResolve',
  'syscallExit',
  'syscallVatstoreGet',
  'syscallVatstoreSet',
  'syscallVatstoreGetNextKey',
  'syscallVatstoreDelete',
  'syscallDropImports',
  'dispatches',
  'dispatchDeliver',
  'dispatchNotify',
] as const;
const gauges = [
  'kernelObjects',
  'kernelDevices',
  'kernelPromises',
  'kpUnresolved',
  'kpFulfilled',
  'kpRejected',
  'clistEntries',
  'vats',
] as const;
const consensusGauges = ['runQueueLength', 'acceptanceQueueLength', 'promiseQueuesLength'] as const;

export type CounterName = (typeof counters)[number];
export type LocalGauge = (typeof gauges)[number];
export type GaugeName = LocalGauge | (typeof consensusGauges)[number];

const isConsensus = (name: string): boolean =>
  consensusGauges.some(gauge => name.startsWith(gauge));

export class KernelStats {
  readonly #kv: CrankBuffer;

  readonly #values = new Map<string, number>();

  /** What was counted where the store has no statistics of this machine, until it has some. */
  #counted: Readonly<Partial<Record<LocalGauge, number>>> = {};

  #dirty = false;

  constructor(kv: CrankBuffer) {
    this.#kv = kv;
    this.reload();
  }

  /** Takes the stored values again, as after a crank was undone. */
  reload(): void {
    this.#values.clear();
    for (const name of counters) this.#values.set(name, 0);
    for (const name of [...gauges, ...consensusGauges]) {
      for (const suffix of ['', 'Up', 'Down', 'Max']) this.#values.set(`${name}${suffix}`, 0);
    }
    if (!this.hasLocal) this.#applyCounted();
    for (const row of [globalRows.localKernelStats, globalRows.kernelStats]) {
      const stored = row.read(this.#kv) ?? {};
      for (const [name, value] of Object.entries(stored)) this.#values.set(name, value);
    }
    this.#dirty = false;
  }

  /** False after an import: an export does not hold the statistics of a machine. */
  get hasLocal(): boolean {
    return globalRows.localKernelStats.exists(this.#kv);
  }

  /** Where `hasLocal` is false: goes on from these, without a write until the next one is due. */
  startFrom(counted: Readonly<Record<LocalGauge, number>>): void {
    this.#counted = counted;
    this.#applyCounted();
  }

  #applyCounted(): void {
    for (const [name, value] of Object.entries(this.#counted)) {
      for (const suffix of ['', 'Max']) this.#values.set(`${name}${suffix}`, value);
    }
  }

  count(name: CounterName): void {
    this.#add(name, 1);
  }

  up(name: GaugeName, by = 1): void {
    this.#add(name, by);
    this.#add(`${name}Up`, by);
    const now = this.#values.get(name) ?? 0;
    if (now > (this.#values.get(`${name}Max`) ?? 0)) this.#values.set(`${name}Max`, now);
  }

  down(name: GaugeName, by = 1): void {
    this.#add(name, -by);
    this.#add(`${name}Down`, by);
  }

  /** Sets a gauge to what was counted; nothing rose or fell. */
  correct(name: GaugeName, value: number): void {
    if (this.#values.get(name) === value) return;
    this.#values.set(name, value);
    const max = Math.max(value, this.#values.get(`${name}Max`) ?? 0);
    this.#values.set(`${name}Max`, max);
    this.#dirty = true;
  }

  all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#values);
  }

  save(): void {
    if (!this.#dirty) return;
    const entries = [...this.#values];
    const pick = (consensus: boolean) =>
      Object.fromEntries(entries.filter(([name]) => isConsensus(name) === consensus));
    globalRows.kernelStats.write(this.#kv, pick(true));
    globalRows.localKernelStats.write(this.#kv, pick(false));
    this.#dirty = false;
  }

  #add(name: string, by: number): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + by);
    this.#dirty = true;
  }
}
