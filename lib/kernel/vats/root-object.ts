/** The root object of a vat: `o+0` in its c-list. */
import type { KernelState } from '../../state/kernel-state.js';
import { parseObjectKRef, ROOT_OBJECT_VREF, type ObjectKRef, type VatID } from '../../types/ids.js';
import { isUnborn, type UnbornPorts } from './unborn.js';

/** The kref of a vat's root. It is there from the start; in stores of SwingSet see `provideRootObject`. */
export const exportRootObject = (state: KernelState, vatID: VatID): ObjectKRef => {
  const clist = state.clist(vatID);
  const known = clist.getKRef(ROOT_OBJECT_VREF);
  if (known) return parseObjectKRef(known);
  const kref = state.objects.create(vatID);
  clist.add(kref, ROOT_OBJECT_VREF);
  return kref;
};

/**
 * The kref of the root of a vat whose c-list may lack it. SwingSet retires a root that nobody holds,
 * and the heap of such an incarnation no longer has it: messages to it are rejected until the vat's
 * next incarnation, which has a root again.
 */
export const provideRootObject = (ports: UnbornPorts, vatID: VatID): ObjectKRef => {
  const clist = ports.state.clist(vatID);
  const isMissing = !clist.getKRef(ROOT_OBJECT_VREF);
  const kref = exportRootObject(ports.state, vatID);
  if (isMissing && !isUnborn(ports, vatID)) clist.clearReachable(kref);
  return kref;
};

/** Gives the vat's next incarnation a root, even if SwingSet retired an earlier one's. */
export const restoreRootObject = (state: KernelState, vatID: VatID): void => {
  state.clist(vatID).reexport(exportRootObject(state, vatID));
};
