/**
 * Checks the kernel's tables against each other: c-lists symmetric, reference counts right, queues
 * and ledger well-formed, and no row that nothing refers to.
 *
 * Boundary: reads only. Works on a store between cranks; a running kernel need not be stopped.
 */
import type { KernelStorage } from '../store/types.js';
import {
  isKRef,
  isObjectKRef,
  isVatID,
  type ClistOwner,
  type ObjectKRef,
  type VatID,
} from '../types/ids.js';
import { countReferences, type ReferenceTally } from './count-references.js';
import { KernelState } from './kernel-state.js';
import { clistKeys, globalKeys, objectKeys, promiseKeys, vatKeys } from './schema.js';

export interface StateFinding {
  /**
   * `error`: the tables contradict each other. `leak`: a row that nothing refers to any more, at
   * quiescence. `held`: a count above what the tables explain, as a host's
   * `kpRegisterInterest` or `kpResolution` leaves it.
   */
  readonly severity: 'error' | 'leak' | 'held';
  readonly key: string;
  readonly problem: string;
}

type Report = (severity: StateFinding['severity'], key: string, problem: string) => void;
type ReadableStorage = Pick<KernelStorage, 'kvStore'>;

/** What every check needs. */
interface Subject {
  readonly state: KernelState;
  readonly kvStore: KernelStorage['kvStore'];
  /** Vats that have rows: live ones and those whose leftovers are still being deleted. */
  readonly vatIDs: readonly VatID[];
  readonly owners: readonly ClistOwner[];
  /** Nothing is queued, owed or left over. */
  readonly quiescent: boolean;
  readonly report: Report;
}

function* keysOf(kvStore: KernelStorage['kvStore'], prefix: string): Generator<string, void> {
  let key = kvStore.has(prefix) ? prefix : kvStore.getNextKey(prefix);
  for (; key?.startsWith(prefix); key = kvStore.getNextKey(key)) yield key;
}

const checkClist = ({ kvStore, report }: Subject, owner: ClistOwner): void => {
  const prefix = clistKeys.prefix(owner);
  for (const key of keysOf(kvStore, prefix)) {
    const ref = key.slice(prefix.length);
    const value = kvStore.get(key) ?? '';
    if (isKRef(ref)) {
      const vref = value.replace(/^[R_] /, '');
      const back = kvStore.get(clistKeys.entry(owner, vref));
      if (back !== ref) report('error', key, `${vref} points back to ${back ?? 'nothing'}`);
    } else {
      const forth = kvStore.get(clistKeys.entry(owner, value))?.replace(/^[R_] /, '');
      if (forth !== ref) report('error', key, `${value} points back to ${forth ?? 'nothing'}`);
    }
  }
};

/** Each entry names something that exists, and an export is owned by the c-list's vat. */
const checkEntries = ({ state, report }: Subject, owner: ClistOwner): void => {
  for (const [kref, { vref, isExport, reachable }] of state.clist(owner).entries()) {
    const key = clistKeys.entry(owner, kref);
    if (isObjectKRef(kref)) {
      const ownedBy = state.objects.getOwner(kref);
      if (isExport && ownedBy !== owner) {
        report('error', key, `exported as ${vref}, but ${ownedBy ?? 'nobody'} owns it`);
      } else if (!isExport && !state.objects.exists(kref) && reachable) {
        report('error', key, `reachable as ${vref}, but it does not exist`);
      }
    } else if (kref.startsWith('kp') && !state.promises.exists(kref as never)) {
      report('error', key, `known as ${vref}, but it does not exist`);
    }
  }
};

const checkObject = (subject: Subject, tally: ReferenceTally, kref: ObjectKRef): void => {
  const { state, quiescent, report } = subject;
  const key = objectKeys.refCount(kref);
  const stored = state.objects.getRefCount(kref);
  const counted = tally.objects.get(kref) ?? { reachable: 0, recognizable: 0 };
  for (const kind of ['reachable', 'recognizable'] as const) {
    if (stored[kind] < counted[kind]) {
      report('error', key, `${kind} is ${stored[kind]}, and ${counted[kind]} references are there`);
    } else if (stored[kind] > counted[kind]) {
      report('held', key, `${kind} is ${stored[kind]}, and ${counted[kind]} references are there`);
    }
  }
  const owner = state.objects.getOwner(kref);
  if (owner && state.vats.isLive(owner) && !state.clist(owner).getEntry(kref)?.isExport) {
    report('error', objectKeys.owner(kref), `${owner} owns it and does not export it`);
  }
  if (owner && !subject.vatIDs.includes(owner)) {
    report('error', objectKeys.owner(kref), `${owner} does not exist`);
  }
  // Things owed to suspended vats wait with them.
  if (!quiescent || (owner && state.suspensions.get(owner))) return;
  if (stored.recognizable === 0) report('leak', key, 'nothing refers to it');
  else if (!owner && stored.reachable === 0) report('leak', key, 'orphaned and out of reach');
};

const checkPromises = ({ state, quiescent, report }: Subject, tally: ReferenceTally): void => {
  for (const kpid of state.promises.all()) {
    const promise = state.promises.get(kpid);
    const counted = tally.promises.get(kpid) ?? 0;
    const key = promiseKeys.refCount(kpid);
    if (promise.refCount < counted) {
      report('error', key, `${promise.refCount}, and ${counted} references are there`);
    } else if (promise.refCount > counted) {
      report('held', key, `${promise.refCount}, and ${counted} references are there`);
    }
    if (quiescent && promise.refCount === 0) report('leak', key, 'nothing refers to it');
    if (promise.state !== 'unresolved') continue;
    const { decider, subscribers } = promise;
    if (decider && !state.vats.isLive(decider)) {
      report('error', promiseKeys.decider(kpid), `${decider} does not exist`);
    } else if (decider && !state.clist(decider).getEntry(kpid)) {
      report('error', promiseKeys.decider(kpid), `${decider} does not know the promise`);
    }
    for (const vatID of subscribers.filter(id => !state.vats.isLive(id))) {
      if (quiescent) report('leak', promiseKeys.subscribers(kpid), `${vatID} does not exist`);
    }
  }
};

const checkQueue = ({ kvStore, report }: Subject, name: string): void => {
  const text = kvStore.get(name);
  if (text === undefined) return;
  const [head = 0, tail = 0] = JSON.parse(text) as number[];
  if (!(head <= tail)) report('error', name, `its bounds are ${text}`);
  for (let index = head; index < tail; index += 1) {
    if (!kvStore.has(`${name}.${index}`))
      report('error', `${name}.${index}`, 'the event is missing');
  }
  for (const key of keysOf(kvStore, `${name}.`)) {
    const index = Number(key.slice(name.length + 1));
    if (!(index >= head && index < tail)) report('error', key, `outside of the bounds ${text}`);
  }
};

const checkSuspensions = ({ state, vatIDs, report }: Subject): void => {
  const waiting = state.suspensions.waitingVats();
  for (const vatID of vatIDs) {
    const count = state.suspensions.waitingCount(vatID);
    if (count > 0 !== waiting.includes(vatID)) {
      report('error', globalKeys.waitingVats, `${count} events wait for ${vatID}`);
    }
  }
};

const checkLedger = ({ state, report }: Subject): void => {
  const ledger = state.platformEpochs.ledger();
  for (const [index, record] of ledger.entries()) {
    const problem = (text: string) =>
      report('error', globalKeys.platformEpochLedger, `entry ${index}: ${text}`);
    if (record.kind !== (typeof record.epoch === 'number' ? 'number' : 'name')) {
      problem(`epoch ${JSON.stringify(record.epoch)} is no ${record.kind}`);
    }
    if (record.status === 'baseline' && index > 0) problem('a baseline that is not the first');
  }
  const underWay = ledger.at(-1)?.status === 'in-progress';
  if (!underWay && state.platformEpochs.lastDone() !== undefined) {
    report('error', globalKeys.platformEpochDone, 'vats are done, and no epoch is in progress');
  }
};

/** Rows of vats that nobody knows. */
const checkStrayRows = ({ kvStore, vatIDs, report }: Subject): void => {
  for (let key = kvStore.getNextKey('v'); key?.startsWith('v');) {
    const [vatID = ''] = key.split('.');
    if (!isVatID(vatID)) {
      key = kvStore.getNextKey(key);
    } else {
      if (!vatIDs.includes(vatID)) report('leak', key, `${vatID} does not exist`);
      // On to the next vat: `/` follows `.`.
      key = kvStore.getNextKey(`${vatID}/`);
    }
  }
};

const checkGCQueues = ({ state, report }: Subject): void => {
  for (const { vatID } of state.gc.actions()) {
    if (!state.vats.isLive(vatID)) report('error', globalKeys.gcActions, `${vatID} does not exist`);
  }
  for (const vatID of state.gc.reapQueue()) {
    if (!state.vats.isLive(vatID)) report('error', globalKeys.reapQueue, `${vatID} does not exist`);
  }
};

const makeSubject = (storage: ReadableStorage, report: Report): Subject => {
  // The tables need no more of a storage than its kvStore as long as nothing is written.
  const state = new KernelState(storage as KernelStorage);
  const vatIDs = [...state.vats.allIDs(), ...state.vats.terminatedIDs()];
  const deviceIDs = state.devices.names().map(name => state.devices.getByName(name));
  const idle =
    state.runQueue.length + state.acceptanceQueue.length + state.vats.terminatedIDs().length === 0;
  const owed = state.gc.actions().some(({ vatID }) => !state.suspensions.get(vatID));
  return {
    state,
    kvStore: storage.kvStore,
    vatIDs,
    owners: [...vatIDs, ...deviceIDs],
    quiescent: idle && !owed,
    report,
  };
};

/**
 * All findings, in the order of the checks; empty for a store without a kernel. A row that can't
 * be read at all is a finding, and ends the check that met it.
 */
export const checkKernelState = (storage: ReadableStorage): StateFinding[] => {
  const findings: StateFinding[] = [];
  if (!storage.kvStore.has(globalKeys.version)) return findings;
  const report: Report = (severity, key, problem) => findings.push({ severity, key, problem });
  const guarded = (what: string, check: () => void): void => {
    try {
      check();
    } catch (error) {
      report('error', what, (error as Error).message);
    }
  };
  let subject: Subject | undefined;
  guarded('vats', () => (subject = makeSubject(storage, report)));
  if (!subject) return findings;
  const found = subject;
  for (const owner of found.owners) {
    guarded(clistKeys.prefix(owner), () => checkClist(found, owner));
    guarded(clistKeys.prefix(owner), () => checkEntries(found, owner));
  }
  guarded('reference counts', () => {
    const tally = countReferences(found.state, found.owners);
    for (const kref of found.state.objects.all()) checkObject(found, tally, kref);
    checkPromises(found, tally);
  });
  const queues = [globalKeys.runQueue, globalKeys.acceptanceQueue];
  for (const name of [...queues, ...found.vatIDs.map(id => vatKeys.waitQueue(id))]) {
    guarded(name, () => checkQueue(found, name));
  }
  guarded(globalKeys.waitingVats, () => checkSuspensions(found));
  guarded(globalKeys.platformEpochLedger, () => checkLedger(found));
  guarded(globalKeys.gcActions, () => checkGCQueues(found));
  guarded('vat rows', () => checkStrayRows(found));
  return findings;
};
