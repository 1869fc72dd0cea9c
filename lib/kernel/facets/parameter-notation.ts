/**
 * Vat parameters as JSON that people read and write (issue 10, section 2). JSON stands for itself;
 * the rest has a notation:
 *
 * | passable | notation |
 * | --- | --- |
 * | a reference | `{ "@kref": "ko42", "iface": "bank" }`; `iface` may be left out |
 * | a bigint | `{ "@bigint": "12" }` |
 * | undefined | `{ "@undefined": true }` |
 *
 * Errors, symbols, tagged values and NaN can be read but not written: they show as
 * `{ "@other": <marshalled form> }`.
 */
import { krefOf } from '@agoric/kmarshal';
import { passStyleOf } from '@endo/marshal';
import type { KRef } from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import { findFlaw } from '../../types/readable-data.js';
import { kser, kslot, kunser } from '../delivery/kmarshal.js';

type JsonRecord = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mapFields = (record: object, map: (value: unknown) => unknown): JsonRecord =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));

const writeReference = (value: unknown): JsonRecord => {
  const kref = krefOf(value);
  if (kref.startsWith('kp')) return { '@kref': kref };
  const iface = (value as { iface: () => string }).iface();
  return { '@kref': kref, ...(iface !== 'undefined' && { iface }) };
};

const write = (value: unknown): unknown => {
  const style: string = passStyleOf(value as never);
  switch (style) {
    case 'null':
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : { '@other': kser(value).body };
    case 'undefined':
      return { '@undefined': true };
    case 'bigint':
      return { '@bigint': String(value) };
    case 'copyArray':
      return (value as unknown[]).map(write);
    case 'copyRecord':
      return mapFields(value as object, write);
    case 'remotable':
    case 'promise':
      return writeReference(value);
    default:
      return { '@other': kser(value).body };
  }
};

/** Marshalled parameters in this notation; unreadable ones are `{ "@other": <the body> }`. */
export const writeParameters = (data: CapData<KRef>): unknown => {
  try {
    return findFlaw(data) === undefined ? write(kunser(data)) : { '@other': data.body };
  } catch {
    return { '@other': data.body };
  }
};

const readSpecial = (value: JsonRecord): unknown => {
  const { '@kref': kref, '@bigint': digits, iface } = value;
  if (typeof kref === 'string') return kslot(kref, typeof iface === 'string' ? iface : undefined);
  if (typeof digits === 'string') return BigInt(digits);
  return undefined;
};

/** Is it a reference, a bigint or undefined in this notation? The schema of rules says the same. */
const isSpecial = (value: JsonRecord): boolean =>
  Object.hasOwn(value, '@kref') ||
  Object.hasOwn(value, '@bigint') ||
  Object.hasOwn(value, '@undefined');

/** The value that JSON in this notation stands for, ready to be marshalled. */
export const readParameterValue = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(readParameterValue);
  if (!isRecord(value)) return value;
  return isSpecial(value) ? readSpecial(value) : mapFields(value, readParameterValue);
};

/** The fields of marshalled parameters, or undefined if they are no record. */
export const fieldsOf = (data: CapData<KRef> | undefined): JsonRecord | undefined => {
  if (data === undefined) return {};
  const value = kunser(data);
  if (value === undefined) return {};
  return (passStyleOf(value as never) as string) === 'copyRecord'
    ? (value as JsonRecord)
    : undefined;
};
