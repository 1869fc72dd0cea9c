/** Counters that hand out ids, and JSON values, over the crank buffer. */
import { KernelStateError } from '../errors.js';
import type { CrankBuffer } from './crank-buffer.js';

export const getNumber = (kv: CrankBuffer, key: string): number => {
  const text = kv.getRequired(key);
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new KernelStateError(`${key} is not a number: ${text}`);
  return value;
};

/** Returns the present number of a counter and steps it. */
export const takeNumber = (kv: CrankBuffer, key: string, first?: number): number => {
  const value = first !== undefined && !kv.has(key) ? first : getNumber(kv, key);
  kv.set(key, `${value + 1}`);
  return value;
};

export const getJSON = <T>(kv: CrankBuffer, key: string): T | undefined => {
  const text = kv.get(key);
  return text === undefined ? undefined : (JSON.parse(text) as T);
};

export const getRequiredJSON = <T>(kv: CrankBuffer, key: string): T =>
  JSON.parse(kv.getRequired(key)) as T;

export const setJSON = (kv: CrankBuffer, key: string, value: unknown): void =>
  kv.set(key, JSON.stringify(value));
