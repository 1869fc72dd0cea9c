/** Checks promises: rows fit the state, and somebody can resolve them. */
import { isPromiseKRef, type KRef, type PromiseKRef, type VatID } from '../../types/ids.js';
import { promiseKeys, refListCodec } from '../schema.js';
import { referencesIn, resultOf, type StoredQueues } from './events.js';
import type { Report } from './findings.js';
import type { Inventory } from './inventory.js';

const POLICIES = ['ignore', 'logAlways', 'logFailure', 'panic'];
const OF_UNRESOLVED = ['decider', 'subscribers', 'queue.nextID'];
const OF_RESOLVED = ['data.body', 'data.slots'];

type Rows = ReadonlyMap<string, string>;

const checkRows = (kpid: PromiseKRef, rows: Rows, report: Report): void => {
  const unresolved = rows.get('state') === 'unresolved';
  const due = unresolved ? OF_UNRESOLVED : OF_RESOLVED;
  for (const field of due) {
    if (!rows.has(field)) report('promise', `${kpid}.${field}`, 'missing');
  }
  for (const field of rows.keys()) {
    const known =
      field === 'state' ||
      field === 'refCount' ||
      field === 'hostInterest' ||
      due.includes(field) ||
      (unresolved && (field === 'policy' || /^queue\.\d+$/.test(field)));
    if (!known) {
      report(
        'promise',
        `${kpid}.${field}`,
        `a promise that is ${rows.get('state')} has no such row`,
      );
    }
  }
  const policy = rows.get('policy') ?? 'ignore';
  if (!POLICIES.includes(policy)) report('promise', promiseKeys.policy(kpid), policy);
};

const checkUnresolved = (
  kpid: PromiseKRef,
  rows: Rows,
  { vats }: Inventory,
  results: ReadonlySet<KRef>,
  report: Report,
): void => {
  const knows = (vatID: string) => vats.get(vatID as VatID)?.byKRef.has(kpid) ?? false;
  const decider = rows.get('decider') ?? '';
  if (decider !== '' && !knows(decider)) {
    report('promise', promiseKeys.decider(kpid), `its decider ${decider} does not know it`);
  }
  if (decider === '' && !results.has(kpid)) {
    report(
      'promise',
      promiseKeys.decider(kpid),
      'it has no decider, and no message will resolve it',
    );
  }
  if (decider !== '' && results.has(kpid)) {
    report('promise', promiseKeys.decider(kpid), `both ${decider} and a message will resolve it`);
  }
  const subscribers = refListCodec.decode<VatID>(rows.get('subscribers') ?? '');
  for (const vatID of subscribers) {
    if (!knows(vatID)) {
      report('promise', promiseKeys.subscribers(kpid), `${vatID} does not know the promise`);
    }
  }
  if (new Set(subscribers).size !== subscribers.length) {
    report('promise', promiseKeys.subscribers(kpid), `names a vat twice: ${subscribers.join()}`);
  }
};

export const checkPromises = (
  inventory: Inventory,
  { events, messages }: StoredQueues,
  report: Report,
): void => {
  const results = new Set<KRef>();
  for (const queued of [...events, ...messages]) {
    const result = resultOf(queued);
    if (result === undefined) continue;
    if (results.has(result))
      report('promise', queued.key, `a second message will resolve ${result}`);
    results.add(result);
  }
  for (const [kpid, rows] of inventory.promises) {
    const state = rows.get('state') ?? 'missing';
    if (!['unresolved', 'fulfilled', 'rejected'].includes(state)) {
      report('promise', promiseKeys.state(kpid), `the state is ${state}`);
      continue;
    }
    checkRows(kpid, rows, report);
    if (state === 'unresolved') checkUnresolved(kpid, rows, inventory, results, report);
    else if (results.has(kpid)) {
      report('promise', promiseKeys.state(kpid), `${state}, but a queued message will resolve it`);
    }
  }
  for (const { key, event } of events) {
    if (event['type'] !== 'notify') continue;
    for (const kpid of referencesIn(event).filter(isPromiseKRef)) {
      if (inventory.promises.get(kpid)?.get('state') === 'unresolved') {
        report(
          'promise',
          key,
          `notifies ${String(event['vatID'])} of ${kpid}, which is unresolved`,
        );
      }
    }
  }
};
