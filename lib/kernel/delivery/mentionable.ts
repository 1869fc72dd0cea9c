/**
 * Decides which krefs a message may still mention. Not those that no table knows, and not exports
 * that their vat was told to drop, because its heap may no longer have them.
 *
 * Only the host, devices and the kernel need to ask. A vat names imports through its c-list, and
 * `vat-translator.ts` refuses an import that the vat has dropped. An export is dropped only once no
 * c-list, queue, resolution, pin or parameter reaches it. From then on no vat can mention it until
 * its owner exports it again.
 */
import type { KernelState } from '../../state/kernel-state.js';
import { isObjectKRef, type KRef } from '../../types/ids.js';

/** May a queue mention this kref? An orphan may be mentioned: messages to it are rejected. */
export const isMentionable = (state: KernelState, kref: KRef): boolean => {
  if (!state.exists(kref)) return false;
  if (!isObjectKRef(kref)) return true;
  const owner = state.objects.getOwner(kref);
  return !owner || state.clist(owner).getRequiredEntry(kref).reachable;
};
