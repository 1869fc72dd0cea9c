/** Static vats that have never run. */
import type { KernelState } from '../../state/kernel-state.js';
import type { KernelStorage } from '../../store/types.js';
import type { VatID } from '../../types/ids.js';

export interface UnbornPorts {
  readonly state: KernelState;
  readonly kernelStorage: Pick<KernelStorage, 'transcriptStore'>;
}

/** The vat starts in another way, so that the `startVat` which waits for it is done with. */
export const forgetFirstStart = ({ waiting }: Pick<KernelState, 'waiting'>, vatID: VatID): void => {
  const index = waiting.events(vatID).findIndex(({ type }) => type === 'startVat');
  if (index >= 0) waiting.take(vatID, index);
};

/** Is the vat's first `startVat` still queued? */
export const isUnborn = ({ state, kernelStorage }: UnbornPorts, vatID: VatID): boolean => {
  const { startPos, endPos, incarnation } =
    kernelStorage.transcriptStore.getCurrentSpanBounds(vatID);
  // Only vats without a transcript get further than this while they are alive.
  if (endPos > startPos || incarnation > 0) return false;
  const queued = [
    ...state.acceptanceQueue.all(),
    ...state.runQueue.all(),
    ...state.waiting.events(vatID),
  ];
  return queued.some(event => event.type === 'startVat' && event.vatID === vatID);
};
