/** Checks this kernel's own rows: vats out of service, wait queues and the epoch ledger. */
import type { VatID } from '../../types/ids.js';
import { globalKeys, vatKeys } from '../schema.js';
import { isRecord, parseStored, type Report } from './findings.js';
import type { Inventory } from './inventory.js';
import { readList, type KnownVats } from './vats.js';

const REQUESTERS = ['host', 'adminNode'];

type Test = (value: unknown) => boolean;

const isCount: Test = value => Number.isSafeInteger(value) && (value as number) >= 0;
const isText: Test = value => typeof value === 'string';
const isRequester: Test = value => REQUESTERS.includes(value as string);
const maybe =
  (test: Test): Test =>
  value =>
    value === undefined || test(value);

const suspended = { pausedBy: maybe(isRequester), error: maybe(isText), sinceCrank: isCount };

/** Spelt here once more, because the tables' own codec may be what is wrong. */
const SERVICES: Readonly<Record<string, Readonly<Record<string, Test>>>> = {
  paused: { pausedBy: isRequester, sinceCrank: isCount },
  sleeping: {
    ...suspended,
    onFailure: value => [undefined, 'panic', 'terminate'].includes(value as string),
  },
  failed: { ...suspended, error: isText },
  held: { ...suspended, by: isRequester },
};

const isService = (value: unknown): boolean => {
  if (!isRecord(value)) return false;
  const { type, ...rest } = value;
  const fields = Object.entries(SERVICES).find(([name]) => name === type)?.[1];
  if (!fields) return false;
  const isKnown = Object.keys(rest).every(name => Object.hasOwn(fields, name));
  return isKnown && Object.entries(fields).every(([name, test]) => test(rest[name]));
};

const STATUSES = ['baseline', 'in-progress', 'complete'];

export const checkServices = (inventory: Inventory, { live }: KnownVats, report: Report): void => {
  const listed = readList(inventory, globalKeys.waitingVats, report);
  for (const [vatID, { fields, waiting }] of inventory.vats) {
    const key = vatKeys.service(vatID);
    const text = fields.get('service');
    if (text !== undefined && !isService(parseStored(report, key, text))) {
      report('service', key, `not a reason to be out of service: ${text}`);
    }
    if (text !== undefined && !live.has(vatID)) report('service', key, 'the vat is not live');
    const queueKey = vatKeys.waitQueue(vatID);
    if (waiting.size > 0 !== listed.includes(vatID)) {
      report('service', queueKey, `${waiting.size} wait; waitingVats has ${listed.join()}`);
    }
    if (fields.has('waitQueue') && waiting.size === 0) {
      report('service', queueKey, 'nothing waits, so there should be no row');
    }
  }
  for (const vatID of listed) {
    if (!inventory.vats.has(vatID as VatID)) {
      report('service', globalKeys.waitingVats, `${vatID} does not exist`);
    }
  }
};

/**
 * Checks the ledger. Only its first record may be a baseline. An earlier record stays in progress
 * if a later epoch superseded its restart.
 */
export const checkLedger = (inventory: Inventory, report: Report): void => {
  const key = globalKeys.platformEpochLedger;
  const text = inventory.globals.get(key);
  const ledger = text === undefined ? [] : parseStored(report, key, text);
  if (!Array.isArray(ledger)) {
    report('platform-epoch', key, 'not a list');
    return;
  }
  ledger.forEach((record: unknown, index) => {
    const status = isRecord(record) ? record['status'] : undefined;
    if (!STATUSES.includes(status as string)) {
      report('platform-epoch', key, `record ${index} has status ${String(status)}`);
    }
    if (status === 'baseline' && index > 0) {
      report('platform-epoch', key, `record ${index} is a baseline but not the first`);
    }
  });
  const last: unknown = ledger.at(-1);
  const inProgress = isRecord(last) && last['status'] === 'in-progress';
  const isVat = (value: unknown): boolean => typeof value === 'string' && /^v\d+$/.test(value);
  const { platformEpochDone, platformEpochGiven } = globalKeys;
  for (const progress of [platformEpochDone, platformEpochGiven]) {
    if (inventory.globals.has(progress) && !inProgress) {
      report('platform-epoch', progress, 'no platform epoch is in progress');
    }
  }
  const done = inventory.globals.get(platformEpochDone);
  if (done !== undefined && !isVat(done)) report('platform-epoch', platformEpochDone, done);
  const given = inventory.globals.get(platformEpochGiven);
  const listed = given === undefined ? [] : parseStored(report, platformEpochGiven, given);
  if (!Array.isArray(listed) || !listed.every(isVat)) {
    report('platform-epoch', platformEpochGiven, 'not a list of vatIDs');
  }
  checkRolling(inventory, last, report);
};

/** A rolling restart has vats left to start only after an epoch of that mode. */
const checkRolling = ({ globals }: Inventory, last: unknown, report: Report): void => {
  const key = globalKeys.platformEpochRolling;
  const text = globals.get(key);
  if (text === undefined) return;
  const options = isRecord(last) && last['status'] === 'complete' ? last['options'] : undefined;
  if (!isRecord(options) || options['mode'] !== 'rolling') {
    report('platform-epoch', key, 'the last platform epoch is not a complete rolling restart');
  }
  const rolling = parseStored(report, key, text);
  if (!isRecord(rolling) || !(Number(rolling['total']) > 0)) {
    report('platform-epoch', key, 'without the number of vats');
  }
};
