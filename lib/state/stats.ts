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

const consensusNames: ReadonlySet<string> = new Set(consensusGauges);

/** What a gauge counts beside its value. */
const suffixes = ['Up', 'Down', 'Max'] as const;

interface Gauge {
  readonly name: string;
  readonly up: string;
  readonly down: string;
  readonly max: string;
}

const gaugeOf = (name: GaugeName): Gauge => {
  const [up, down, max] = suffixes.map(suffix => `${name}${suffix}`) as [string, string, string];
  return { name, up, down, max };
};

const namesOfGauge = Object.fromEntries(
  [...gauges, ...consensusGauges].map(name => [name, gaugeOf(name)]),
) as Readonly<Record<GaugeName, Gauge>>;

type Values = Record<string, number>;

const zeroes = (names: readonly string[]): Values =>
  Object.fromEntries(names.map(name => [name, 0]));

const gaugeNames = (names: readonly GaugeName[]): readonly string[] =>
  names.flatMap(each => Object.values(namesOfGauge[each]) as string[]);

export class KernelStats {
  readonly #kv: CrankBuffer;

  /** For all replicas. */
  #shared: Values = {};

  /** For this machine. */
  #local: Values = {};

  /** Recounted gauges, used until the store has statistics of this machine. */
  #counted: Readonly<Partial<Record<LocalGauge, number>>> = {};

  #dirty = false;

  constructor(kv: CrankBuffer) {
    this.#kv = kv;
    this.reload();
  }

  /** Reads the stored values again, after a crank was rolled back. */
  reload(): void {
    this.#local = zeroes([...counters, ...gaugeNames(gauges)]);
    this.#shared = zeroes(gaugeNames(consensusGauges));
    if (!this.hasLocal) this.#applyCounted();
    for (const [row, values] of [
      [globalRows.localKernelStats, this.#local],
      [globalRows.kernelStats, this.#shared],
    ] as const) {
      Object.assign(values, row.read(this.#kv));
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
    for (const [name, value] of Object.entries(this.#counted) as [LocalGauge, number][]) {
      this.#local[name] = value;
      this.#local[namesOfGauge[name].max] = value;
    }
  }

  count(name: CounterName): void {
    this.#add(this.#local, name, 1);
  }

  up(name: GaugeName, by = 1): void {
    const values = this.#valuesOf(name);
    const { up, max } = namesOfGauge[name];
    const now = this.#add(values, name, by);
    this.#add(values, up, by);
    if (now > (values[max] ?? 0)) values[max] = now;
  }

  down(name: GaugeName, by = 1): void {
    const values = this.#valuesOf(name);
    this.#add(values, name, -by);
    this.#add(values, namesOfGauge[name].down, by);
  }

  /** Sets a gauge to a recounted value, without counting it as a rise or fall. */
  correct(name: GaugeName, value: number): void {
    const values = this.#valuesOf(name);
    if (values[name] === value) return;
    values[name] = value;
    const { max } = namesOfGauge[name];
    values[max] = Math.max(value, values[max] ?? 0);
    this.#dirty = true;
  }

  all(): Readonly<Record<string, number>> {
    return { ...this.#local, ...this.#shared };
  }

  save(): void {
    if (!this.#dirty) return;
    globalRows.kernelStats.write(this.#kv, this.#shared);
    globalRows.localKernelStats.write(this.#kv, this.#local);
    this.#dirty = false;
  }

  #valuesOf(name: GaugeName): Values {
    return consensusNames.has(name) ? this.#shared : this.#local;
  }

  #add(values: Values, name: string, by: number): number {
    const value = (values[name] ?? 0) + by;
    values[name] = value;
    this.#dirty = true;
    return value;
  }
}
