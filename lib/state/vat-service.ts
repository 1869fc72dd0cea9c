/** The records of `lib/types/vat-service.ts`: `vNN.service`. A vat without one is in service. */
import type { VatID } from '../types/ids.js';
import { IN_SERVICE, isPaused, isSuspended, type VatService } from '../types/vat-service.js';
import type { CrankBuffer } from './crank-buffer.js';
import type { GCQueues } from './gc-queues.js';
import { vatRows } from './rows.js';

export class VatServiceTable {
  readonly #kv: CrankBuffer;

  readonly #gc: GCQueues;

  constructor(kv: CrankBuffer, gc: GCQueues) {
    this.#kv = kv;
    this.#gc = gc;
  }

  get(vatID: VatID): VatService {
    return vatRows.service.read(this.#kv, vatID) ?? IN_SERVICE;
  }

  isInService(vatID: VatID): boolean {
    return !vatRows.service.exists(this.#kv, vatID);
  }

  /** See `isSuspended`. */
  isSuspended(vatID: VatID): boolean {
    return isSuspended(this.get(vatID));
  }

  /** See `isPaused`. */
  isPaused(vatID: VatID): boolean {
    return isPaused(this.get(vatID));
  }

  /** For `lib/kernel/vats/service.ts` only. GC actions wait for a vat that is out of service. */
  set(vatID: VatID, service: VatService): void {
    if (service.type === 'in-service') {
      vatRows.service.delete(this.#kv, vatID);
      this.#gc.takeBack(vatID);
    } else {
      vatRows.service.write(this.#kv, service, vatID);
      this.#gc.putAside(vatID);
    }
  }
}
