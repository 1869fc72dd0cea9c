/**
 * Time for the swingset of a solo host: endows the device that is called `timer`, and polls it with
 * the host's clock.
 */
import type { DeviceEndowments } from '../controller/option-types.js';
import { buildTimer } from '../devices/timer/timer.js';
import type { KernelState } from '../state/kernel-state.js';

/** The time, in a unit of the host's choice. */
export type Clock = () => bigint;

/** The device's name, by which SwingSet's configurations know it too. */
const TIMER = 'timer';

export class SoloTimer {
  readonly #clock: Clock | undefined;

  readonly #timer = buildTimer();

  #isEndowed = false;

  constructor(clock: Clock | undefined) {
    this.#clock = clock;
  }

  /** Adds the timer's, if there is a clock, such a device, and nothing else for it. */
  complete(given: DeviceEndowments, { devices }: Pick<KernelState, 'devices'>): DeviceEndowments {
    const isThere = devices.names().includes(TIMER);
    if (!this.#clock || !isThere || Object.hasOwn(given, TIMER)) return given;
    if (devices.getOptions(devices.getByName(TIMER)).unendowed) return given;
    this.#isEndowed = true;
    return { ...given, [TIMER]: this.#timer.endowments };
  }

  /**
   * Tells the device the time, if it is endowed and has started. Returns true when that queued work.
   * A clock that is behind the device's time, because somebody has set it back, does nothing until
   * it has caught up.
   */
  poll(): boolean {
    if (!this.#clock || !this.#isEndowed) return false;
    // Outside, because a clock may fail with a RangeError of its own: `BigInt(1.5)`.
    const now = this.#clock();
    try {
      return this.#timer.poll(now);
    } catch (error) {
      // The device's word for a time that goes backwards.
      if (error instanceof RangeError) return false;
      throw error;
    }
  }
}
