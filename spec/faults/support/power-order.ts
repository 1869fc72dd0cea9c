/** What `power-child.ts` is told, and what it writes. */
import { createHash } from 'node:crypto';
import type { CommitDurability } from '../../../lib/store/database.js';
import type { SwingStore } from '../../../lib/store/swing-store.js';
import type { PlatformRestartMode } from '../../../lib/types/platform-epoch.js';
import { hashTables } from '../../platform-epoch/support/fixture.js';

/** Names below the directory that is recorded. */
export const STORE = 'store';
export const MARKS = 'marks';

export interface PowerOrder {
  readonly home: string;
  /** The store to restart. */
  readonly original: string;
  readonly mode: PlatformRestartMode;
  readonly blocks: number;
  readonly durability: CommitDurability;
}

/** Commits are numbered from 1. `end` says that the host may rely on the commit. */
export type Mark = { readonly begin: number } | { readonly end: number; readonly digest: string };

/** Of everything in the store. */
export const digestOf = (store: Pick<SwingStore, 'debug'>): string =>
  createHash('sha256')
    .update(JSON.stringify(hashTables(store)))
    .digest('hex');
