/** The kernel as the controller sees it. */
import type { DeviceHook } from '../devices/types.js';
import type { RunPolicy } from '../types/policies.js';
import type { CrankRunner } from './cranks/crank-runner.js';
import type { HostFacet } from './facets/host-facet.js';
import type { LifecyclePorts } from './vats/vat-lifecycle.js';

/** A started kernel. All async methods must be called one at a time. */
export interface Kernel extends HostFacet {
  /** Runs until the queues are empty or the policy says stop; returns the number of cranks. */
  run(policy?: RunPolicy): Promise<number>;
  /** One crank; returns how many were run (0 or 1). */
  step(): Promise<number>;
  shutdown(): Promise<void>;

  addDeviceHook(deviceName: string, hookName: string, hook: DeviceHook): void;
  /** Lines written by `vatPowers.testLog`. */
  readonly testLog: readonly string[];
}

/** What a restart of vats is written with (lib/platform-epoch). */
export interface KernelParts {
  readonly lifecycle: LifecyclePorts;
  readonly cranks: CrankRunner;
  /** For reports and slog only. Milliseconds. */
  readonly now: () => number;
  /** Named fault points for specs; absent in production. */
  readonly faultPoint: (name: string) => void | Promise<void>;
}

/** A kernel before it runs: devices, then restarts, then workers. */
export interface UnstartedKernel {
  readonly parts: KernelParts;
  /** Finds the platform image and starts devices: nothing is written to the store before. */
  prepare(): Promise<void>;
  /** Brings the preload set online and hands over the running kernel. */
  start(): Promise<Kernel>;
  /** Ends the workers of a kernel that is not to run after all. */
  shutdown(): Promise<void>;
}
