/** The rows that a vat or device keeps for itself: `<id>.vs.<key>`. */
import type { DeviceID, VatID } from '../types/ids.js';
import type { CrankBuffer } from './crank-buffer.js';
import { vatKeys } from './schema.js';

export class Vatstore {
  readonly #kv: CrankBuffer;

  readonly #prefix: string;

  constructor(kv: CrankBuffer, owner: VatID | DeviceID) {
    this.#kv = kv;
    this.#prefix = vatKeys.vatstore(owner);
  }

  get(key: string): string | undefined {
    return this.#kv.get(this.#prefix + key);
  }

  set(key: string, value: string): void {
    this.#kv.set(this.#prefix + key, value);
  }

  delete(key: string): void {
    this.#kv.delete(this.#prefix + key);
  }

  /** The owner's next key after `priorKey`, or undefined after its last. */
  getNextKey(priorKey: string): string | undefined {
    const next = this.#kv.getNextKey(this.#prefix + priorKey);
    return next?.startsWith(this.#prefix) ? next.slice(this.#prefix.length) : undefined;
  }

  *keys(prefix = ''): Generator<string, void> {
    for (const key of this.#kv.keysWithPrefix(this.#prefix + prefix)) {
      yield key.slice(this.#prefix.length);
    }
  }
}
