/**
 * The calls of devices in the present crank. When a worker dies, its crank is tried again and makes
 * the same calls once more: they are answered from here, because what a device did outside of the
 * store can't be undone (issue 10, `device-called-twice`).
 *
 * Boundary: `DeviceManager` asks for the next call and notes new ones. Nothing here is stored: a
 * crank that the death of the whole kernel undid calls its devices again at the next boot.
 *
 * Invariants
 * 1. In one crank each call of a device reaches its code once, however often the crank is tried.
 * 2. What a call changed in the store is done again by each try, through the same functions in the
 *    same order, so the tables are those of a crank in which nothing died.
 * 3. A try that makes other calls than the first one made stops the kernel.
 */
import type { DeviceKRef, KRef, VRef } from '../../types/ids.js';
import type { CapData, SyscallResult } from '../../types/messages.js';
import { DeviceCallsDifferError } from './errors.js';

/** What was called, in krefs. */
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

  /** How many of the calls the present try has made. */
  #position = 0;

  /** Of the call that is under way. */
  #effects: (() => void)[] | undefined;

  /** Another crank begins, or the present one is undone for good. */
  forget(): void {
    this.#calls = [];
    this.#position = 0;
  }

  /** The crank is tried again. */
  rewind(): void {
    this.#position = 0;
  }

  /** @throws DeviceCallsDifferError when a try has ended without calls that an earlier one made */
  insistRepeated(): void {
    const missing = this.#calls[this.#position];
    if (missing) throw new DeviceCallsDifferError(missing, undefined);
  }

  /**
   * The result of a call: by `redo` for each of its effects if an earlier try has made it, else by
   * `call`, whose effects are noted with `note` meanwhile.
   * @throws DeviceCallsDifferError when an earlier try has made another call in its place
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

  /** Carries out something that changes the store, and notes it if a call is under way. */
  note(effect: () => void): void {
    this.#effects?.push(effect);
    effect();
  }

  /**
   * As `note`, for what gives a result: `again` changes the store as the first time, without whatever
   * else it did.
   */
  noteResult<T>(act: () => T, again: (result: T) => void): T {
    const effects = this.#effects;
    // It has its place before what it brings about, and stays there if it fails.
    const index = effects?.push(() => undefined) ?? 0;
    const result = act();
    if (effects) effects[index - 1] = () => again(result);
    return result;
  }
}
