/** Parses entries of export data, which are untrusted, into records. */
import { quoteValue } from '../errors.js';
import { StoreImportError } from './errors.js';
import { currentSnapshotKey, snapshotName, spanKey } from './export-names.js';
import type { SnapshotRecord, SpanRecord } from './export-names.js';
import { isConsensusKey } from './kv-store.js';

export type ImportEntry =
  | { readonly kind: 'kv'; readonly key: string; readonly value: string | null }
  | { readonly kind: 'bundle'; readonly bundleID: string }
  | { readonly kind: 'snapshot'; readonly record: SnapshotRecord }
  | { readonly kind: 'snapshot-in-use'; readonly vatID: string; readonly name: string }
  | { readonly kind: 'transcript'; readonly record: SpanRecord };

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isFlag = (value: unknown): value is 0 | 1 => value === 0 || value === 1;
const isHash = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isVatID = (value: unknown): value is string =>
  typeof value === 'string' && /^[^.]+$/.test(value) && value.isWellFormed();

const parseObject = (key: string, value: string): Record<string, unknown> => {
  try {
    const parsed = JSON.parse(value) as unknown;
    if (typeof parsed === 'object' && parsed !== null) {
      return parsed as Record<string, unknown>;
    }
  } catch {
    // The error below quotes the value.
  }
  throw new StoreImportError(`export data ${key}: ${quoteValue(value)} is not a record`);
};

const parseSnapshot = (key: string, value: string): SnapshotRecord => {
  const { vatID, snapPos, hash, inUse } = parseObject(key, value);
  if (isVatID(vatID) && isCount(snapPos) && isHash(hash) && isFlag(inUse)) {
    if (snapshotName(vatID, snapPos) === key) {
      return { vatID, snapPos, hash, inUse };
    }
  }
  throw new StoreImportError(
    `export data ${key}: ${quoteValue(value)} is not a valid snapshot record for this key`,
  );
};

const parseSpan = (key: string, value: string): SpanRecord => {
  const { vatID, startPos, endPos, hash, isCurrent, incarnation } = parseObject(key, value);
  if (isVatID(vatID) && isCount(startPos) && isCount(endPos) && startPos <= endPos) {
    if (isHash(hash) && isFlag(isCurrent) && isCount(incarnation)) {
      const record = { vatID, startPos, endPos, hash, isCurrent, incarnation };
      if (spanKey(record) === key) {
        return record;
      }
    }
  }
  throw new StoreImportError(
    `export data ${key}: ${quoteValue(value)} is not a valid span record for this key`,
  );
};

/** @throws StoreImportError */
export const parseEntry = (key: unknown, value: unknown): ImportEntry => {
  if (typeof key !== 'string' || (typeof value !== 'string' && value != null)) {
    throw new StoreImportError(
      `export data must be pairs of strings, not ${quoteValue([key, value])}`,
    );
  }
  const [type = '', second = ''] = key.split('.', 2);
  if (type === 'kv' && key.startsWith('kv.')) {
    const kvKey = key.slice('kv.'.length);
    if (!isConsensusKey(kvKey)) {
      throw new StoreImportError(`export data ${key}: host. and local. keys are never exported`);
    }
    return { kind: 'kv', key: kvKey, value: value ?? null };
  }
  if (value == null) {
    throw new StoreImportError(`export data ${key}: it has no value`);
  }
  switch (type) {
    case 'bundle':
      if (key !== `bundle.${value}`) {
        throw new StoreImportError(`export data ${key}: its value is ${quoteValue(value)}`);
      }
      return { kind: 'bundle', bundleID: value };
    case 'snapshot':
      return key === currentSnapshotKey(second)
        ? { kind: 'snapshot-in-use', vatID: second, name: value }
        : { kind: 'snapshot', record: parseSnapshot(key, value) };
    case 'transcript':
      return { kind: 'transcript', record: parseSpan(key, value) };
    default:
      throw new StoreImportError(
        `export data ${quoteValue(key)}: unknown type ${quoteValue(type)}`,
      );
  }
};
