/** The controller: a host's handle on a running kernel, with the methods of SwingSet's. */
import type { DeviceHook } from '../devices/types.js';
import type { EpochKernel } from '../platform-epoch/start-kernel.js';
import type { Bundle } from '../store/types.js';
import type { BundleID } from '../types/ids.js';
import type { SlogEntry } from '../types/slog.js';

/** Ends a slog event that `slogDuration` began, and adds properties. Call it at most once. */
export type FinishSlogEvent = (properties?: Readonly<Record<string, unknown>>) => void;

/** The kernel's calls (`lib/kernel/facets/host-facet.ts`), and what a host gets besides. */
export interface SwingsetController extends Omit<
  EpochKernel,
  'addDeviceHook' | 'installBundle' | 'testLog'
> {
  /**
   * Checks a bundle and adds it to the store. Several may be under way: they are added in the order
   * of the calls.
   * @throws BadBundleError when it is damaged, or its ID is not `alleged`
   */
  validateAndInstallBundle(bundle: Bundle, alleged?: string): Promise<BundleID>;

  writeSlogObject(entry: SlogEntry): void;
  /**
   * Writes an event labelled `labels[0]`, runs `action`, and writes one labelled `labels[1]` with the
   * `seconds` it took. `action` may finish the event itself, to add properties.
   */
  slogDuration<T>(
    labels: readonly [string, string],
    startProperties: Readonly<Record<string, unknown>>,
    action: (finish: FinishSlogEvent, ...args: unknown[]) => Promise<T> | T,
    ...args: unknown[]
  ): Promise<T>;
  /** Adds a line to `dump().log`. */
  log(line: string): void;
  /** Prints deliveries and syscalls, or stops that. */
  verboseDebugMode(on: boolean): void;
  readonly debug: {
    addDeviceHook(deviceName: string, hookName: string, hook: DeviceHook): void;
  };
}
