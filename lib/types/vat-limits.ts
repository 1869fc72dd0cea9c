/**
 * How much one vat may do at once (issue 10, 4): the one table of limits. Each is far above what
 * honest vats do, and low enough that neither the kernel nor another vat suffers.
 *
 * A limit is checked where the quantity arises. Whatever goes over it ends its vat, and the crank is
 * undone, unless the comment says otherwise. Sizes are UTF-16 units, as `length` of a string tells.
 *
 * An incarnation records the number of the table that it started with, so that other limits take
 * effect with the next incarnation. A replay is held to none of them. To change a limit, add a table.
 */
import { KernelStateError } from '../errors.js';
import { MAX_DEPTH } from './readable-data.js';
import type { VatOptions } from './vat-options.js';

export interface VatLimits {
  /** The JSON of one syscall. An xsnap worker's channel takes 12,000,000 bytes. */
  readonly syscall: number;
  /** The JSON of all syscalls and their results in one delivery: they are one transcript entry. */
  readonly syscallsOfDelivery: number;
  /** The body of marshalled data. Devices and hosts that exceed it get an error. */
  readonly body: number;
  /** References in marshalled data. Devices and hosts that exceed it get an error. */
  readonly slots: number;
  /**
   * Lists and records within each other in marshalled data. As with `body`. The stack of an xsnap vat
   * overflows between 42 and 62, both when it reads and when it writes.
   */
  readonly depth: number;
  /** The name of a method. */
  readonly method: number;
  readonly vatstoreKey: number;
  readonly vatstoreValue: number;
  /** Promises that one syscall resolves. */
  readonly resolutions: number;
  /** Objects and promises that a vat exports in one delivery. */
  readonly exports: number;
  /** References that a vat gets from devices in one delivery. */
  readonly imports: number;
  /**
   * Bodies and references of one delivery to a vat. A longer message is rejected; a longer
   * notification is split, parents first; a ring of promises that is longer rejects those of its
   * promises that close it.
   */
  readonly delivery: number;
  /** References in a notification; it is split as for `delivery`. */
  readonly deliverySlots: number;
  /** Promises in a notification; it is split as for `delivery`. */
  readonly deliveryPromises: number;
  /** Resolved promises that one leads to. The one that leads to more is told of as rejected. */
  readonly closure: number;
  /** Objects in one GC delivery; the rest follow in others. */
  readonly gcObjects: number;
  /** What a vat prints in one delivery. The rest is left out, and the vat is not charged. */
  readonly console: number;
}

export type LimitName = keyof VatLimits;

/** By number. Entries never change once released. */
export type LimitTables = Readonly<Record<number, VatLimits>>;

export const LIMIT_TABLES: LimitTables = {
  1: {
    syscall: 12_000_000,
    syscallsOfDelivery: 128_000_000,
    body: 10_000_000,
    slots: 10_000,
    depth: MAX_DEPTH,
    method: 10_000,
    vatstoreKey: 100_000,
    vatstoreValue: 10_000_000,
    resolutions: 10_000,
    exports: 100_000,
    imports: 100_000,
    delivery: 16_000_000,
    deliverySlots: 20_000,
    deliveryPromises: 10_000,
    closure: 50_000,
    gcObjects: 10_000,
    console: 1_000_000,
  },
};

/** What new incarnations are held to. */
export const CURRENT_LIMITS = 1;

/** What incarnations are held to that recorded none: SwingSet started them. */
const UNRECORDED_LIMITS = 1;

const findTable = (tables: LimitTables, number: number): VatLimits => {
  const table = tables[number];
  if (table) return table;
  throw new KernelStateError(
    `a vat started with table ${number} of limits, which this software does not have: run newer software`,
  );
};

/**
 * What an incarnation is held to.
 *
 * @throws KernelStateError for a table that this software does not have
 */
export const limitsOf = (tables: LimitTables, { limits }: Pick<VatOptions, 'limits'>): VatLimits =>
  findTable(tables, limits?.table ?? UNRECORDED_LIMITS);

/** What the kernel, its devices and its host are held to. */
export const currentLimits = (tables: LimitTables): VatLimits => findTable(tables, CURRENT_LIMITS);

/** SwingSet's limit for a vat with a meter, in computrons per delivery. */
export const METERED_COMPUTRONS = 100_000_000;

/** Default of the kernel option `computronLimit`, for vats without a meter. */
export const DEFAULT_COMPUTRON_LIMIT = 10 * METERED_COMPUTRONS;

/** Less than this does not even import a bundle. */
export const MIN_COMPUTRON_LIMIT = 1_000_000;

/** xsnap reads its limit as a signed number of 32 bits, and `processLimit` adds to it. */
export const MAX_COMPUTRON_LIMIT = 1_600_000_000;

export const COMPUTRON_LIMIT_EXPECTED = "an integer from 1,000,000 to 1,600,000,000, or 'never'";

/** Computrons that a delivery of the incarnation may take; 0: any number. */
export const computronLimitOf = ({
  limits,
  meterID,
}: Pick<VatOptions, 'limits' | 'meterID'>): number =>
  limits?.computrons ?? (meterID === undefined ? 0 : METERED_COMPUTRONS);

/**
 * The limit that a worker process starts with. It is higher than what a delivery is judged by: a
 * replay may count a little differently, and must not die of a delivery that was allowed.
 */
export const processLimit = (computronLimit: number): number =>
  computronLimit + Math.floor(computronLimit / 4);
