/** Types of SwingSet's worker protocol and of vats in tests. */
import type { VatPowers } from './types-external.js';

/** A command's name and its arguments. */
export type Tagged = [string, ...unknown[]];
export interface MeterUsage {
  meterType: string;
  allocate: number | null;
  compute: number | null;
}
export interface WorkerResults {
  reply: Tagged;
  meterUsage: MeterUsage;
}

/** `buildRootObject` of a vat whose tests read `testLog`. */
export type BuildRootObjectForTestVat = (
  vatPowers: VatPowers & { testLog(message: unknown): void },
  vatParameters: Record<string, unknown> & { argv: string[] },
) => unknown;
