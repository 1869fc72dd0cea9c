/**
 * Statistics of the kernel. Counters only rise; gauges also have `Up`, `Down` and `Max`. Names are
 * SwingSet's.
 *
 * Queue lengths are consensus state (`kernelStats`). The others are `local.kernelStats`, because
 * replays and worker types may count differently.
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

  /** Recounted gauges, used until the store has statistics of this machine. */
  #counted: Readonly<Partial<Record<LocalGauge, number>>> = {};

  #dirty = false;

  constructor(kv: CrankBuffer) {
    this.#kv = kv;
    this.reload();
  }

  /** Reads the stored values again, after a crank was rolled back. */
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

  /** False after an import, because an export does not contain a machine's statistics. */
  get hasLocal(): boolean {
    return globalRows.localKernelStats.exists(this.#kv);
  }

  /** Starts from these values if `hasLocal` is false. Writes nothing by itself. */
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

  /** Sets a gauge to a recounted value, without counting it as a rise or fall. */
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
