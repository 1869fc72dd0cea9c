/**
 * Finds the codec of any row by its key, for code that reads all rows of a store without tables. It
 * is derived from `rows.ts`, so the two always agree.
 */
import type { DeviceID, MeterID, ObjectKRef, PromiseKRef, VatID } from '../types/ids.js';
import type { Codec } from './codecs.js';
import {
  bundleRows,
  clistRows,
  deviceRows,
  globalRows,
  meterRows,
  objectRows,
  promiseRows,
  queueRows,
  vatRows,
} from './rows.js';

type AnyCodec = Pick<Codec<unknown>, 'what' | 'decode'>;

/** Replaces IDs and numbers: `v12.waitQueue.3` becomes `v#.waitQueue.#`. */
const patternOf = (key: string): string => key.replace(/\d+/g, '#');

const vat = 'v1' as VatID;
const device = 'd1' as DeviceID;

const singles = new Map<string, AnyCodec>(
  Object.values(globalRows).map(({ keyOf, codec }) => [keyOf(), codec]),
);

const { byName: vatNames, ...ofVats } = vatRows;
const { byName: deviceNames, ...ofDevices } = deviceRows;
const { queueItem, ...ofPromises } = promiseRows;

const numbered = new Map<string, AnyCodec>(
  (
    [
      ...Object.values(ofVats).map(({ keyOf, codec }) => [keyOf(vat), codec]),
      ...Object.values(ofDevices).map(({ keyOf, codec }) => [keyOf(device), codec]),
      ...(['o', 'p', 'd'] as const).flatMap(letter =>
        [vat, device].map(owner => [clistRows.nextID.keyOf(owner, letter), clistRows.nextID.codec]),
      ),
      ...[objectRows.owner, objectRows.refCount].map(({ keyOf, codec }) => [
        keyOf('ko1' as ObjectKRef),
        codec,
      ]),
      [objectRows.deviceOwner.keyOf('kd1' as never), objectRows.deviceOwner.codec],
      ...Object.values(ofPromises).map(({ keyOf, codec }) => [keyOf('kp1' as PromiseKRef), codec]),
      [queueItem.keyOf('kp1' as PromiseKRef, 1), queueItem.codec],
      ...Object.values(meterRows).map(({ keyOf, codec }) => [keyOf('m1' as MeterID), codec]),
      ...[
        globalRows.runQueue.keyOf(),
        globalRows.acceptanceQueue.keyOf(),
        vatRows.waitQueue.keyOf(vat),
      ].map(queue => [queueRows.item.keyOf(queue, 1), queueRows.item.codec]),
    ] as [string, AnyCodec][]
  ).map(([key, codec]) => [patternOf(key), codec]),
);

const named: readonly (readonly [prefix: string, codec: AnyCodec])[] = [
  [vatNames.keyOf(''), vatNames.codec],
  [deviceNames.keyOf(''), deviceNames.codec],
  [bundleRows.byName.keyOf(''), bundleRows.byName.codec],
];

const clistCodec = (owner: string, ref: string): AnyCodec => {
  if (!ref.startsWith('k')) return clistRows.byVRef.codec;
  return owner === 'v' ? clistRows.ofVat.codec : clistRows.ofDevice.codec;
};

/** Undefined for rows whose values belong to vats or hosts, and for unknown keys. */
export const codecOfKey = (key: string): AnyCodec | undefined => {
  const single = singles.get(key) ?? named.find(([prefix]) => key.startsWith(prefix))?.[1];
  if (single) return single;
  const [, owner, ref] = /^([vd])\d+\.c\.(.+)$/.exec(key) ?? [];
  if (owner !== undefined && ref !== undefined) return clistCodec(owner, ref);
  return numbered.get(patternOf(key));
};
