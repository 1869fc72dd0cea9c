/**
 * Records the device calls of the current crank. When a worker dies, its crank runs again and makes
 * the same calls. They are answered from this record, because what a device did outside the store
 * can't be undone (issue 10, `device-called-twice`).
 *
 * Boundary: `DeviceManager` asks for the next call and records new ones. Nothing here is stored: if
 * the whole kernel dies, the next boot runs the crank and its device calls again.
 *
 * Invariants
 * 1. In one crank each device call reaches the device's code once, however often the crank runs.
 * 2. Each try repeats what a call changed in the store, through the same functions in the same
 *    order. The tables therefore equal those of a crank whose worker never died.
 * 3. A try whose calls differ from the first try's stops the kernel.
 */
import type { DeviceKRef, KRef, VRef } from '../../types/ids.js';
import type { CapData, SyscallResult } from '../../types/messages.js';
import { DeviceCallsDifferError } from './errors.js';

/** A device call, in krefs. */
export interface DeviceCallRequest {
  readonly target: DeviceKRef;
  readonly method: string;
  readonly args: CapData<KRef>;
}

interface DeviceCall extends DeviceCallRequest {
  /** What the device changed in the store, in order. */
  readonly effects: readonly (() => void)[];
  readonly result: SyscallResult<VRef>;
}

const isSame = (a: DeviceCallRequest, b: DeviceCallRequest): boolean =>
  a.target === b.target &&
  a.method === b.method &&
  a.args.body === b.args.body &&
  a.args.slots.join() === b.args.slots.join();

export class DeviceCalls {
  #calls: DeviceCall[] = [];

  /** How many of the calls the current try has made. */
  #position = 0;

  /** Effects of the call in progress; undefined between calls. */
  #effects: (() => void)[] | undefined;

  /** The crank is over, or undone for good. */
  forget(): void {
    this.#calls = [];
    this.#position = 0;
  }

  /** The crank runs again. */
  rewind(): void {
    this.#position = 0;
  }

  /** @throws DeviceCallsDifferError when a try ended without calls that an earlier one made */
  insistRepeated(): void {
    const missing = this.#calls[this.#position];
    if (missing) throw new DeviceCallsDifferError(missing, undefined);
  }

  /**
   * The result of a device call. If an earlier try made the call, this passes each of its effects
   * to `redo` and returns the recorded result. Otherwise it runs `call`, which records its effects
   * through `note` and `noteResult`.
   * @throws DeviceCallsDifferError when an earlier try made a different call here
   */
  result(
    request: DeviceCallRequest,
    call: () => SyscallResult<VRef>,
    redo: (effect: () => void) => void,
  ): SyscallResult<VRef> {
    const known = this.#calls[this.#position];
    if (known) {
      if (!isSame(known, request)) throw new DeviceCallsDifferError(known, request);
      this.#position += 1;
      known.effects.forEach(redo);
      return known.result;
    }
    const effects: (() => void)[] = [];
    this.#effects = effects;
    try {
      const result = call();
      this.#calls.push({ ...request, effects, result });
      this.#position += 1;
      return result;
    } finally {
      this.#effects = undefined;
    }
  }

  /** Runs `effect`, which changes the store, and records it if a call is in progress. */
  note(effect: () => void): void {
    this.#effects?.push(effect);
    effect();
  }

  /**
   * Like `note`, for an action with a result. A later try runs `again` instead of `act`; it must
   * change the store as `act` did and do nothing else.
   */
  noteResult<T>(act: () => T, again: (result: T) => void): T {
    const effects = this.#effects;
    // Reserve its place before the effects that `act` itself notes, even if `act` throws.
    const index = effects?.push(() => undefined) ?? 0;
    const result = act();
    if (effects) effects[index - 1] = () => again(result);
    return result;
  }
}
