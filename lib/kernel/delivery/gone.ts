/**
 * What can't be mentioned any more: things that no table knows, and exports that their vat was told
 * to drop, so that its heap need not have them.
 *
 * Only the host, devices and the kernel have to ask. A vat names imports by its c-list, and a drop
 * waits until no c-list, queue, resolution, pin or parameter holds the object: then no vat can
 * mention it, until its owner does so itself and thereby has it again. The kernel refuses a mention
 * of an import that the vat has dropped (`vat-translator.ts`).
 */
import type { KernelState } from '../../state/kernel-state.js';
import { isObjectKRef, type KRef } from '../../types/ids.js';

/** May the kref be put into a queue? Objects without an owner may: messages to them are rejected. */
export const isMentionable = (state: KernelState, kref: KRef): boolean => {
  if (!state.exists(kref)) return false;
  if (!isObjectKRef(kref)) return true;
  const owner = state.objects.getOwner(kref);
  return !owner || state.clist(owner).getRequiredEntry(kref).reachable;
};
