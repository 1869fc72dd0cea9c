/**
 * Limits on what one vat may do at once (issue 10, 4). Each is far above what honest vats do, and
 * low enough to protect the kernel and other vats.
 *
 * A limit is checked where the quantity arises. A vat that exceeds it is terminated and its crank
 * rolled back, unless the comment says otherwise. Sizes are in UTF-16 units (a string's `length`).
 *
 * An incarnation records the number of the table that it started with, so that new limits take
 * effect with the next incarnation. No limit applies to a replay. To change a limit, add a table.
 */
import { KernelStateError } from '../errors.js';
import type { VatOptions } from './vat-options.js';

export interface VatLimits {
  /** The JSON of one syscall. An xsnap worker's channel takes 12,000,000 bytes. */
  readonly syscall: number;
  /** The JSON of a delivery's syscalls and results, which form one transcript entry. */
  readonly syscallsOfDelivery: number;
  /** The body of marshalled data. Devices and hosts that exceed it get an error. */
  readonly body: number;
  /** References in marshalled data. Devices and hosts that exceed it get an error. */
  readonly slots: number;
  /**
   * Nesting of lists and records in marshalled data. Devices and hosts that exceed it get an error.
   * An xsnap vat's stack overflows between 42 and 62, both reading and writing.
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
   * Bodies and references of one delivery to a vat. A longer message is rejected. A longer
   * notification is split, parents first. A longer cycle of promises is broken: the promises that
   * close it are rejected.
   */
  readonly delivery: number;
  /** References in a notification, which is split as for `delivery`. */
  readonly deliverySlots: number;
  /** Promises in a notification, which is split as for `delivery`. */
  readonly deliveryPromises: number;
  /** Resolved promises reachable from one. A promise with more is reported as rejected. */
  readonly closure: number;
  /** Objects in one GC delivery. The rest follow in further deliveries. */
  readonly gcObjects: number;
  /** Characters that a vat prints in one delivery. The rest is dropped; the vat is not faulted. */
  readonly console: number;
}

export type LimitName = keyof VatLimits;

/** Tables by number. Entries never change once released. */
export type LimitTables = Readonly<Record<number, VatLimits>>;

export const LIMIT_TABLES: LimitTables = {
  1: {
    syscall: 12_000_000,
    syscallsOfDelivery: 128_000_000,
    body: 10_000_000,
    slots: 10_000,
    depth: 40,
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

/** The table of new incarnations. */
export const CURRENT_LIMITS = 1;

/** The table of incarnations that recorded none, because SwingSet started them. */
const UNRECORDED_LIMITS = 1;

const findTable = (tables: LimitTables, number: number): VatLimits => {
  const table = tables[number];
  if (table) return table;
  throw new KernelStateError(
    `a vat started with limit table ${number}, which this software does not have; run newer software`,
  );
};

/**
 * The limits of an incarnation.
 *
 * @throws KernelStateError if this software does not have its table
 */
export const limitsOf = (tables: LimitTables, { limits }: Pick<VatOptions, 'limits'>): VatLimits =>
  findTable(tables, limits?.table ?? UNRECORDED_LIMITS);

/** The limits of the kernel, its devices and its host. */
export const currentLimits = (tables: LimitTables): VatLimits => findTable(tables, CURRENT_LIMITS);

/** SwingSet's limit for a vat with a meter, in computrons per delivery. */
export const METERED_COMPUTRONS = 100_000_000;

/** Default of the kernel option `computronLimit`, for vats without a meter. */
export const DEFAULT_COMPUTRON_LIMIT = 10 * METERED_COMPUTRONS;

/** With less than this, not even the import of a bundle succeeds. */
export const MIN_COMPUTRON_LIMIT = 1_000_000;

/** xsnap reads its limit as a signed 32-bit number, and `processLimit` adds to it. */
export const MAX_COMPUTRON_LIMIT = 1_600_000_000;

export const COMPUTRON_LIMIT_EXPECTED = 'an integer from 1,000,000 to 1,600,000,000, or "never"';

/** Computrons allowed per delivery of the incarnation; 0 means no limit. */
export const computronLimitOf = ({
  limits,
  meterID,
}: Pick<VatOptions, 'limits' | 'meterID'>): number =>
  limits?.computrons ?? (meterID === undefined ? 0 : METERED_COMPUTRONS);

/**
 * The limit for the worker process. It is higher than the limit by which a delivery is judged: a
 * replay may count slightly differently, and must not end because of a delivery that was allowed.
 */
export const processLimit = (computronLimit: number): number =>
  computronLimit + Math.floor(computronLimit / 4);
