/**
 * The crankhash: SHA-256 over every consensus change of the kvStore, in order, since the crank
 * began or since the last `finish`, as swing-store computes it. A change counts even if the crank
 * is later rolled back: the hash attests what was computed, not what was kept.
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { sha256Hex } from './hash.js';

/** One call of the hasher for many changes is cheaper than one for each. */
const BATCH_CHARS = 64 * 1024;

export interface CrankHasher {
  addSet(key: string, value: string): void;
  addDelete(key: string): void;
  /** Forgets all changes so far, at the beginning of a crank. */
  restart(): void;
  /** Returns the hash in hex and starts an empty one. */
  finish(): string;
}

export const makeCrankHasher = (): CrankHasher => {
  let hash: Hash | undefined;
  /** Ends with a line break, so no surrogate pair is taken apart. */
  let batch = '';
  const add = (text: string): void => {
    batch += text;
    if (batch.length < BATCH_CHARS) return;
    hash ??= createHash('sha256');
    hash.update(batch);
    batch = '';
  };
  const restart = (): void => {
    hash = undefined;
    batch = '';
  };
  return {
    addSet: (key, value) => add(`add\n${key}\n${value}\n`),
    addDelete: key => add(`delete\n${key}\n`),
    restart,
    finish: () => {
      const hex = hash ? hash.update(batch).digest('hex') : sha256Hex(batch);
      restart();
      return hex;
    },
  };
};

/** The activityhash after a crank: it chains all crankhashes. */
export const nextActivityhash = (previous: string, crankhash: string): string =>
  sha256Hex(`activityhash\n${previous}\n${crankhash}\n`);
