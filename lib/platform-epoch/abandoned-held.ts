/**
 * Finds who still holds objects that a restart abandoned (issue 10, item 3): their messages to
 * these objects will be rejected. Call it when the whole restart is over, because each vat's
 * restart lets go of what the vat held in RAM only.
 *
 * Boundary: reads tables, changes nothing. It counts every reference once, so that a reference that
 * nothing in the tables explains is the host's.
 */
import type { AbandonedObject, AbandonedObjects } from './types.js';
import { referencesOf } from '../state/events.js';
import type { KernelState } from '../state/kernel-state.js';
import {
  compareIDs,
  isDeviceID,
  isPromiseKRef,
  isVatID,
  type ClistOwner,
  type KRef,
  type ObjectKRef,
  type PromiseKRef,
  type VatID,
} from '../types/ids.js';
import type { CapData, Message } from '../types/messages.js';
import { interfaceIn, interfacesInVatstore } from '../kernel/gc/interface-names.js';

/** A vat may abandon very many objects. The count is exact; the list has the first ones. */
const LISTED_PER_VAT = 50;

/** What is known so far about one object that somebody holds. */
interface Found {
  readonly owners: Set<ClistOwner>;
  /** Vats whose retained parameters mention it. */
  readonly parameters: Set<VatID>;
  /** References in queued events and in promises' queues. */
  queued: number;
  heldByHost: boolean;
  /** References that nothing explains so far. */
  unexplained: number;
  name: string | undefined;
}

type Finds = ReadonlyMap<KRef, Found>;

const noteData = (finds: Finds, data: CapData<KRef>, note: (found: Found) => void): void => {
  for (const slot of data.slots) {
    const found = finds.get(slot);
    if (!found) continue;
    found.unexplained -= 1;
    found.name ??= interfaceIn(data, slot);
    note(found);
  }
};

/** Searches the c-lists of devices and of awake vats, which have let go of what they can. */
const findAwake = (state: KernelState, finds: Finds, owners: readonly ClistOwner[]): void => {
  for (const owner of owners) {
    for (const [, kref] of state.clist(owner).entriesByVRef('o-')) {
      const found = finds.get(kref);
      if (!found || !state.clist(owner).getRequiredEntry(kref).reachable) continue;
      found.owners.add(owner);
      found.unexplained -= 1;
    }
  }
};

/** Looks up few objects in many c-lists, which may be large and are not reclaimed yet. */
const findAsleep = (
  state: KernelState,
  finds: Finds,
  listed: readonly KRef[],
  vatIDs: readonly VatID[],
): void => {
  for (const kref of listed) {
    const found = finds.get(kref);
    for (const vatID of vatIDs) {
      if (!found || found.unexplained <= 0) break;
      const entry = state.clist(vatID).getEntry(kref);
      if (!entry || entry.isExport || !entry.reachable) continue;
      // The rest of a terminated vat's c-list holds nothing, but it counts as a reference.
      if (state.vats.isLive(vatID)) found.owners.add(vatID);
      found.unexplained -= 1;
    }
  }
};

const inQueue = (found: Found): void => {
  found.queued += 1;
};

const findInMessage = (finds: Finds, message: Message<KRef>): void => {
  noteData(finds, message.methargs, inQueue);
};

const findInQueues = (state: KernelState, finds: Finds): void => {
  const events = [...state.acceptanceQueue.all(), ...state.runQueue.all()];
  for (const vatID of state.waiting.vatIDs()) {
    events.push(...state.waiting.events(vatID));
  }
  for (const event of events) {
    if (event.type === 'send') {
      noteData(finds, { body: '', slots: [event.target] }, inQueue);
      findInMessage(finds, event.msg);
    } else {
      noteData(finds, { body: '', slots: referencesOf(event) }, inQueue);
    }
  }
};

const findInParameters = (state: KernelState, finds: Finds): void => {
  for (const vatID of state.vats.allIDs()) {
    const data = state.vats.getParameters(vatID);
    if (data) noteData(finds, data, found => found.parameters.add(vatID));
  }
};

/** Promises whose resolutions the host may still read, and promises in these resolutions. */
const promisesOfHost = (state: KernelState): ReadonlySet<PromiseKRef> => {
  const held = new Set<PromiseKRef>();
  const left = [...state.promises.all()].filter(kpid => state.promises.getHostInterest(kpid) > 0);
  for (let kpid = left.pop(); kpid !== undefined; kpid = left.pop()) {
    if (held.has(kpid)) continue;
    held.add(kpid);
    const promise = state.promises.get(kpid);
    if (promise.state !== 'unresolved') left.push(...promise.data.slots.filter(isPromiseKRef));
  }
  return held;
};

const findInPromises = (state: KernelState, finds: Finds): void => {
  const ofHost = promisesOfHost(state);
  for (const kpid of state.promises.all()) {
    const promise = state.promises.get(kpid);
    if (promise.state === 'unresolved') {
      for (const message of state.promises.getQueue(kpid)) findInMessage(finds, message);
    } else {
      // If the host doesn't hold the resolution, a notification of it is queued.
      noteData(finds, promise.data, found => {
        if (ofHost.has(kpid)) found.heldByHost = true;
        else found.queued += 1;
      });
    }
  }
};

const findPins = (state: KernelState, finds: Finds): void => {
  noteData(finds, { body: '', slots: state.pinnedObjects() }, found => {
    found.heldByHost = true;
  });
};

/** Finds the listed objects' names in the durable data of awake vats and of devices. */
const findNames = (state: KernelState, finds: Finds, listed: readonly KRef[]): void => {
  const unnamed = new Map<ClistOwner, Map<string, Found>>();
  for (const kref of listed) {
    const found = finds.get(kref);
    if (!found || found.name !== undefined) continue;
    for (const owner of found.owners) {
      if (isVatID(owner) && state.services.isSuspended(owner)) continue;
      const ofOwner = unnamed.get(owner) ?? new Map<string, Found>();
      const { vref } = state.clist(owner).getRequiredEntry(kref);
      unnamed.set(owner, ofOwner.set(vref, found));
    }
  }
  for (const [owner, ofOwner] of unnamed) {
    if (isVatID(owner)) {
      const names = interfacesInVatstore(state.vatstore(owner), ofOwner.keys());
      for (const [vref, name] of names) {
        const found = ofOwner.get(vref);
        if (found) found.name ??= name;
      }
    } else {
      const data = state.devices.getState(owner);
      for (const [vref, found] of ofOwner) found.name ??= data && interfaceIn(data, vref);
    }
  }
};

const describe = (state: KernelState, kref: ObjectKRef, found: Found): AbandonedObject => {
  const owners = [...found.owners].sort(compareIDs);
  const vats = owners.filter(isVatID);
  return {
    kref,
    interface: found.name,
    holders: [
      ...vats,
      ...owners.filter(isDeviceID),
      ...(found.heldByHost || found.unexplained > 0 ? (['host'] as const) : []),
    ],
    asleep: vats.filter(vatID => state.services.isSuspended(vatID)),
    queued: found.queued,
    parametersOf: [...found.parameters].sort(compareIDs),
  };
};

const isHeld = ({ holders, queued, parametersOf }: AbandonedObject): boolean =>
  holders.length > 0 || queued > 0 || parametersOf.length > 0;

/**
 * @param abandoned - the objects that each vat abandoned in the restart
 * @returns in the same order, each vat with objects that somebody holds: their number, and the
 *   first of them. Those that awake vats and devices hold come first.
 */
export const findAbandonedHeld = (
  state: KernelState,
  abandoned: ReadonlyMap<VatID, readonly ObjectKRef[]>,
): ReadonlyMap<VatID, AbandonedObjects> => {
  const finds = new Map<KRef, Found>();
  for (const kref of [...abandoned.values()].flat()) {
    const { reachable } = state.objects.getRefCount(kref);
    if (reachable === 0) continue;
    const [owners, parameters] = [new Set<ClistOwner>(), new Set<VatID>()];
    finds.set(kref, {
      ...{ owners, parameters, queued: 0, heldByHost: false, name: undefined },
      unexplained: reachable,
    });
  }
  if (finds.size === 0) return new Map();

  const vatIDs = state.vats.allIDs();
  const isAsleep = (vatID: VatID) => state.services.isSuspended(vatID);
  const deviceIDs = state.devices.names().map(name => state.devices.getByName(name));
  findAwake(state, finds, [...vatIDs.filter(vatID => !isAsleep(vatID)), ...deviceIDs]);
  findInQueues(state, finds);
  findInParameters(state, finds);
  findPins(state, finds);

  const listOf = (krefs: readonly ObjectKRef[]): ObjectKRef[] => {
    const held = krefs.filter(kref => finds.has(kref)).sort(compareIDs);
    const isByAwake = (kref: KRef) => (finds.get(kref)?.owners.size ?? 0) > 0;
    const first = held.filter(isByAwake);
    return [...first, ...held.filter(kref => !isByAwake(kref))].slice(0, LISTED_PER_VAT);
  };
  const lists = [...abandoned].map(([vatID, krefs]) => [vatID, krefs, listOf(krefs)] as const);
  const listed = lists.flatMap(([, , list]) => list);
  findAsleep(state, finds, listed, [...vatIDs.filter(isAsleep), ...state.vats.terminatedIDs()]);
  const isUnexplained = (kref: KRef) => (finds.get(kref)?.unexplained ?? 0) > 0;
  // This reads every promise, so only if needed.
  if (listed.some(isUnexplained)) findInPromises(state, finds);
  findNames(state, finds, listed);

  const result = new Map<VatID, AbandonedObjects>();
  for (const [vatID, krefs, list] of lists) {
    const abandonedHeld = list
      .flatMap(kref => {
        const found = finds.get(kref);
        return found ? [describe(state, kref, found)] : [];
      })
      .filter(isHeld);
    if (abandonedHeld.length === 0) continue;
    const objectsHeld = krefs.filter(kref => finds.has(kref)).length;
    result.set(vatID, { objectsHeld, abandonedHeld });
  }
  return result;
};
