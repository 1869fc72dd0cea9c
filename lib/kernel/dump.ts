/** The kernel's tables in readable form: for debugging, specs and `getStatus`. Reads only. */
import type { KernelState } from '../state/kernel-state.js';
import type { VatID } from '../types/ids.js';
import type { KernelDump, SuspensionStatus, VatStatus } from './types.js';

const suspensionOf = (state: KernelState, vatID: VatID): SuspensionStatus | undefined => {
  const suspension = state.suspensions.get(vatID);
  return (
    suspension && {
      suspended: suspension.suspended,
      paused: suspension.paused,
      error: suspension.error,
      waiting: state.suspensions.waitingCount(vatID),
      sinceCrank: suspension.sinceCrank,
    }
  );
};

export const statusOf = (state: KernelState): { readonly activeVats: readonly VatStatus[] } => ({
  activeVats: state.vats.allIDs().map(vatID => {
    const suspended = suspensionOf(state, vatID);
    return { id: vatID, options: state.vats.getOptions(vatID), ...(suspended && { suspended }) };
  }),
});

export const dumpKernel = (state: KernelState, log: readonly string[]): KernelDump => {
  const vatIDs = state.vats.allIDs();
  return {
    log: [...log],
    acceptanceQueue: state.acceptanceQueue.all(),
    runQueue: state.runQueue.all(),
    promises: [...state.promises.all()].map(id => ({ id, ...state.promises.get(id) })),
    objects: [...state.objects.all()].map(kref => {
      const { reachable, recognizable } = state.objects.getRefCount(kref);
      return [kref, state.objects.getOwner(kref) ?? 'undefined', reachable, recognizable] as const;
    }),
    kernelTable: vatIDs.flatMap(vatID =>
      [...state.clist(vatID).entries()].map(
        ([kref, { vref, reachable }]) => [kref, vatID, `${reachable ? 'R' : '_'} ${vref}`] as const,
      ),
    ),
    gcActions: state.gc.actionTexts(),
    reapQueue: state.gc.reapQueue(),
    vatTables: vatIDs.map(vatID => ({
      vatID,
      options: state.vats.getOptions(vatID),
      source: state.vats.getSource(vatID),
      suspension: suspensionOf(state, vatID),
      waiting: state.suspensions.waiting(vatID),
    })),
  };
};
