/** The interfaces between the kernel and its controller. */
import type { DeviceHook } from '../devices/types.js';
import type { RunPolicy } from '../types/policies.js';
import type { CrankRunner } from './cranks/crank-runner.js';
import type { StartAhead } from './cranks/sleepers.js';
import type { HostFacet } from './facets/host-facet.js';
import type { LifecyclePorts } from './vats/vat-lifecycle.js';

/** A running kernel. Call its async methods one at a time. */
export interface Kernel extends HostFacet {
  /** Runs until the queues are empty or the policy says stop; returns the number of cranks. */
  run(policy?: RunPolicy): Promise<number>;
  /** Runs at most one crank; returns how many it ran. */
  step(): Promise<number>;
  shutdown(): Promise<void>;

  readonly addDeviceHook: (deviceName: string, hookName: string, hook: DeviceHook) => void;
  /** The lines that vats wrote with `vatPowers.testLog`. */
  readonly testLog: readonly string[];
}

/** The parts of the kernel that `lib/platform-epoch` restarts vats with. */
export interface KernelParts {
  readonly lifecycle: LifecyclePorts;
  readonly cranks: CrankRunner;
  /** Milliseconds, for reports and the slog only. */
  readonly now: () => number;
  /** Named fault points for specs; absent in production. */
  readonly faultPoint: (name: string) => void | Promise<void>;
}

/** A kernel that has not started: first devices, then restarts, then workers. */
export interface UnstartedKernel {
  readonly parts: KernelParts;
  /** Finds the platform image and starts the devices. Nothing is written to the store before. */
  prepare(): Promise<void>;
  /** Brings the preload set online and hands over the running kernel. */
  start(startAhead?: StartAhead): Promise<Kernel>;
  /** Ends the workers, if the kernel is not started after all. */
  shutdown(): Promise<void>;
}
