/**
 * Counts how often the tables refer to one promise. SwingSet does not record `kpRegisterInterest`,
 * so in its stores the rest of the promise's count belongs to the host.
 *
 * Boundary: only reads. Visits every promise and queue, and one entry of every c-list.
 */
import type { ClistOwner, KRef, PromiseKRef, VatID } from '../types/ids.js';
import { referencesOf, referencesOfMessage, type RunQueueEvent } from './events.js';
import type { Clist } from './clists.js';
import type { DeviceTable } from './devices.js';
import type { PromiseTable } from './promises.js';
import type { EventQueue } from './queues.js';
import type { VatTable } from './vats.js';
import type { WaitQueues } from './wait-queues.js';

/** The tables of `KernelState` that may refer to a promise. */
interface ReferringTables {
  readonly vats: VatTable;
  readonly devices: DeviceTable;
  readonly promises: PromiseTable;
  readonly runQueue: EventQueue;
  readonly acceptanceQueue: EventQueue;
  readonly waiting: WaitQueues;
  clist(owner: ClistOwner): Clist;
  parameterSlots(vatID: VatID): readonly KRef[];
}

/** The slots of a promise's resolution, or of the messages queued to it. */
const heldBy = ({ promises }: ReferringTables, kpid: PromiseKRef): readonly KRef[] => {
  const promise = promises.get(kpid);
  if (promise.state !== 'unresolved') return promise.data.slots;
  // A message queued to the promise also holds it as its target.
  return promises.getQueue(kpid).flatMap(message => [kpid, ...referencesOfMessage(message)]);
};

const queuedEvents = ({ runQueue, acceptanceQueue, waiting }: ReferringTables): RunQueueEvent[] => [
  ...runQueue.all(),
  ...acceptanceQueue.all(),
  ...waiting.vatIDs().flatMap(vatID => waiting.events(vatID)),
];

/** Counts everything but the host's interest. */
export const countPromiseReferences = (state: ReferringTables, kpid: PromiseKRef): number => {
  const { vats, devices } = state;
  const owners: readonly ClistOwner[] = [
    ...vats.allIDs(),
    ...vats.terminatedIDs(),
    ...devices.names().map(name => devices.getByName(name)),
  ];
  let count = owners.filter(owner => state.clist(owner).getEntry(kpid)).length;
  const add = (krefs: readonly KRef[]) => {
    for (const kref of krefs) if (kref === kpid) count += 1;
  };
  for (const each of state.promises.all()) add(heldBy(state, each));
  for (const event of queuedEvents(state)) add(referencesOf(event));
  for (const vatID of vats.allIDs()) add(state.parameterSlots(vatID));
  return count;
};
