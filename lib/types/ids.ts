/**
 * Branded identifiers and their only constructors.
 *
 * Boundary: only this file turns strings into IDs. `parse*` accepts any value and throws
 * `BadIdentifierError`; `is*` narrows; `make*` formats a number that the caller allocated.
 *
 * | id | example | names |
 * | --- | --- | --- |
 * | VatID | v1 | a vat, static or dynamic |
 * | DeviceID | d7 | a device |
 * | ObjectKRef | ko20 | a kernel object |
 * | PromiseKRef | kp40 | a kernel promise |
 * | DeviceKRef | kd30 | a device node |
 * | VRef | o+0 o-50 p-60 d-70 o+d13/2 | the same things, inside one vat or device |
 * | MeterID | m1 | a meter |
 * | BundleID | b1-<sha512 hex> b0-<sha256 hex> | a source bundle |
 */
import { BadIdentifierError } from '../errors.js';

declare const brand: unique symbol;
type Brand<Name extends string> = string & { readonly [brand]: Name };

export type VatID = Brand<'VatID'>;
export type DeviceID = Brand<'DeviceID'>;
export type ObjectKRef = Brand<'ObjectKRef'>;
export type PromiseKRef = Brand<'PromiseKRef'>;
export type DeviceKRef = Brand<'DeviceKRef'>;
export type KRef = ObjectKRef | PromiseKRef | DeviceKRef;
export type VRef = Brand<'VRef'>;
export type MeterID = Brand<'MeterID'>;
export type BundleID = Brand<'BundleID'>;
/** Owners of c-lists, which can also own kernel objects or device nodes. */
export type ClistOwner = VatID | DeviceID;

const patterns = {
  vatID: /^v[0-9]+$/,
  deviceID: /^d[0-9]+$/,
  objectKRef: /^ko[0-9]+$/,
  promiseKRef: /^kp[0-9]+$/,
  deviceKRef: /^kd[0-9]+$/,
  meterID: /^m[0-9]+$/,
  bundleID: /^b[0-9]+-[0-9a-f]+$/,
} as const;

const matches = (pattern: RegExp, value: unknown): boolean =>
  typeof value === 'string' && pattern.test(value);

export const isVatID = (value: unknown): value is VatID => matches(patterns.vatID, value);
export const isDeviceID = (value: unknown): value is DeviceID => matches(patterns.deviceID, value);
export const isObjectKRef = (value: unknown): value is ObjectKRef =>
  matches(patterns.objectKRef, value);
export const isPromiseKRef = (value: unknown): value is PromiseKRef =>
  matches(patterns.promiseKRef, value);
export const isDeviceKRef = (value: unknown): value is DeviceKRef =>
  matches(patterns.deviceKRef, value);
export const isKRef = (value: unknown): value is KRef =>
  isObjectKRef(value) || isPromiseKRef(value) || isDeviceKRef(value);
export const isMeterID = (value: unknown): value is MeterID => matches(patterns.meterID, value);
export const isBundleID = (value: unknown): value is BundleID => matches(patterns.bundleID, value);

const parser =
  <T extends string>(what: string, is: (value: unknown) => value is T) =>
  (value: unknown): T => {
    if (!is(value)) throw new BadIdentifierError(what, value);
    return value;
  };

export const parseVatID = parser('vatID', isVatID);
const parseDeviceID = parser('deviceID', isDeviceID);
export const parseClistOwner = (value: unknown): ClistOwner =>
  isDeviceID(value) ? value : parseVatID(value);
export const parseObjectKRef = parser('kernel object', isObjectKRef);
export const parsePromiseKRef = parser('kernel promise', isPromiseKRef);
export const parseDeviceKRef = parser('device node', isDeviceKRef);
export const parseKRef = parser('kref', isKRef);
export const parseMeterID = parser('meterID', isMeterID);
export const parseBundleID = parser('bundleID', isBundleID);

export const makeVatID = (index: number): VatID => parseVatID(`v${index}`);
export const makeDeviceID = (index: number): DeviceID => parseDeviceID(`d${index}`);
export const makeObjectKRef = (index: number): ObjectKRef => parseObjectKRef(`ko${index}`);
export const makePromiseKRef = (index: number): PromiseKRef => parsePromiseKRef(`kp${index}`);
export const makeDeviceKRef = (index: number): DeviceKRef => parseDeviceKRef(`kd${index}`);
export const makeMeterID = (index: number): MeterID => parseMeterID(`m${index}`);

/** The number in an ID, for example `v12` or `ko20`. IDs sort by it, not by their text. */
export const idNumber = (id: VatID | DeviceID | KRef | MeterID): number =>
  Number(/[0-9]+$/.exec(id)?.[0]);
export const compareIDs = (a: VatID | DeviceID | KRef, b: VatID | DeviceID | KRef): number =>
  idNumber(a) - idNumber(b);

/** The properties that a vref's syntax shows (`o+0`, `o-50`, `o+d13/2:0`, `p-60`, `d-70`). */
export interface ParsedVRef {
  readonly type: 'object' | 'promise' | 'device';
  readonly allocatedByVat: boolean;
  /** A virtual, not durable object (`o+v13/2`), which ends with its incarnation. */
  readonly virtual: boolean;
  /** A durable object (`o+d13/2`), which survives its incarnation. */
  readonly durable: boolean;
}

const vrefPattern = /^(?:(o)([+-])(?:([vd])?[0-9]+(?:\/[0-9]+(?::[0-9]+)?)?)|([pd])([+-])[0-9]+)$/;

export const isVRef = (value: unknown): value is VRef => matches(vrefPattern, value);

/** @throws BadIdentifierError if the text is not a vref. */
export const parseVRef = (value: unknown): ParsedVRef & { readonly vref: VRef } => {
  const found = typeof value === 'string' ? vrefPattern.exec(value) : null;
  if (!found) throw new BadIdentifierError('vref', value);
  const letter = found[1] ?? found[4];
  return {
    vref: value as VRef,
    type: letter === 'o' ? 'object' : letter === 'p' ? 'promise' : 'device',
    allocatedByVat: (found[2] ?? found[5]) === '+',
    virtual: found[3] === 'v',
    durable: found[3] === 'd',
  };
};

/** The root object of every vat and the root node of every device. */
export const ROOT_OBJECT_VREF = 'o+0' as VRef;
export const ROOT_DEVICE_VREF = 'd+0' as VRef;
export const makeVRef = (type: ParsedVRef['type'], allocatedByVat: boolean, index: number): VRef =>
  `${type[0]}${allocatedByVat ? '+' : '-'}${index}` as VRef;
