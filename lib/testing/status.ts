/** The present state of one vat of a test. */
import type { SwingsetController } from '../controller/types.js';
import type { SuspensionStatus } from '../kernel/facets/dump.js';
import type { KernelStorage } from '../store/types.js';
import type { VatID } from '../types/ids.js';

export type TestVatStatus =
  | { readonly state: 'terminated'; readonly vatID: VatID; readonly incarnation?: undefined }
  | {
      /** `sleeping`: starts with its next delivery. `suspended`: could not start. */
      readonly state: 'running' | 'sleeping' | 'suspended' | 'paused';
      readonly vatID: VatID;
      /** Counts from 0. A sleeping or suspended vat has the number of its next incarnation. */
      readonly incarnation: number;
      /** Why the vat could not start. */
      readonly error: string | undefined;
      /** Messages and notifications that wait for it. */
      readonly waiting: number;
    };

const stateOf = (suspension: SuspensionStatus | undefined) => {
  if (suspension === undefined) return 'running';
  if (!suspension.suspended) return 'paused';
  return suspension.paused || suspension.error !== undefined ? 'suspended' : 'sleeping';
};

export const statusOfVat = (
  controller: SwingsetController,
  { transcriptStore }: KernelStorage,
  vatID: VatID,
): TestVatStatus => {
  const found = controller.getStatus().activeVats.find(({ id }) => id === vatID);
  if (!found) return { state: 'terminated', vatID };
  return {
    state: stateOf(found.suspended),
    vatID,
    incarnation: transcriptStore.getCurrentSpanBounds(vatID).incarnation,
    error: found.suspended?.error,
    waiting: found.suspended?.waiting ?? 0,
  };
};
