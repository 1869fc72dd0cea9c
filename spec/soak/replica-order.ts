/** What `replicas.ts` and its processes say to each other. */
import type { ManagerType } from '../../lib/types/vat-options.js';
import type { Machine } from './host.js';

export interface ReplicaOrder {
  readonly seed: number;
  readonly cranks: number;
  readonly worker: ManagerType;
  readonly machine: Machine;
}

/** `trace`: see `Trace`. */
export type ReplicaAnswer = { readonly trace: readonly string[] } | { readonly failure: string };
