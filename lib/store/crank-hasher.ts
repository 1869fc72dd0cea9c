/**
 * The crankhash: SHA-256 over every consensus change of the kvStore, in order, since the crank
 * began or since the last `finish`, as swing-store computes it. A change counts even if the crank
 * is later rolled back: the hash attests what was computed, not what was kept.
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { sha256Hex } from './hash.js';

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
  const add = (text: string): void => {
    hash ??= createHash('sha256');
    hash.update(text);
  };
  return {
    addSet: (key, value) => add(`add\n${key}\n${value}\n`),
    addDelete: key => add(`delete\n${key}\n`),
    restart: () => {
      hash = undefined;
    },
    finish: () => {
      const hex = (hash ?? createHash('sha256')).digest('hex');
      hash = undefined;
      return hex;
    },
  };
};

/** The activityhash after a crank: it chains all crankhashes. */
export const nextActivityhash = (previous: string, crankhash: string): string =>
  sha256Hex(`activityhash\n${previous}\n${crankhash}\n`);
