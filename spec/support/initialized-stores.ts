/**
 * Initialized stores, made once for each configuration and then copied. To bundle, check and save
 * the same sources and to make the same platform image again would take a third of a short life.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { initializeSwingset } from '../../lib/controller/initialize.js';
import type { InitializationOptions } from '../../lib/controller/option-types.js';
import { STORE_FILE } from '../../lib/store/schema.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import type { SwingStore } from '../../lib/store/swing-store.js';
import type { PlatformEpoch } from '../../lib/types/platform-epoch.js';

export interface Initialization {
  readonly config: SwingSetConfig;
  readonly argv: readonly string[];
  readonly options: InitializationOptions;
  readonly platformEpoch?: PlatformEpoch;
}

/** @returns the kpid of the result of `bootstrap`, if there is a bootstrap vat */
export const initialize = async (
  store: SwingStore,
  { config, argv, options, platformEpoch }: Initialization,
): Promise<string | undefined> => {
  const powers = platformEpoch === undefined ? {} : { platformEpoch };
  const kpid = await initializeSwingset(config, argv, store.kernelStorage, options, powers);
  await store.hostStorage.commit();
  return kpid;
};

interface Original {
  readonly serialized: Buffer;
  readonly bootstrapResult: string | undefined;
}

const make = async (initialization: Initialization): Promise<Original> => {
  const store = initSwingStore(null);
  const bootstrapResult = await initialize(store, initialization);
  const serialized = store.debug.serialize();
  await store.hostStorage.close();
  return { serialized, bootstrapResult };
};

const originals = new Map<string, Promise<Original>>();

/** Undefined if JSON loses anything of it: then two that look equal may differ. */
const keyOf = (initialization: Initialization): string | undefined => {
  let isPlain = true;
  const key = JSON.stringify(initialization, (_name, value: unknown) => {
    if (!['string', 'number', 'boolean', 'object'].includes(typeof value)) isPlain = false;
    return value;
  });
  return isPlain ? key : undefined;
};

const originalOf = async (initialization: Initialization): Promise<Original> => {
  const key = keyOf(initialization);
  if (key === undefined) return make(initialization);
  const original = originals.get(key) ?? make(initialization);
  originals.set(key, original);
  return original;
};

/** A new store in memory, or in a directory that does not exist yet. */
export const makeInitializedStore = async (
  path: string | undefined,
  initialization: Initialization,
): Promise<{ readonly store: SwingStore; readonly bootstrapResult: string | undefined }> => {
  const { serialized, bootstrapResult } = await originalOf(initialization);
  if (path === undefined) {
    return {
      store: initSwingStore(null, { serialized: Buffer.from(serialized) }),
      bootstrapResult,
    };
  }
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, STORE_FILE), serialized);
  return { store: openSwingStore(path), bootstrapResult };
};
