/** Stores that are made, committed and closed. */
import { importSwingStore } from '../../../lib/store/importer.js';
import type { ImportOptions, ImportSource } from '../../../lib/store/import-steps.js';
import type { SwingStoreOptions } from '../../../lib/store/options.js';
import { initSwingStore } from '../../../lib/store/swing-store.js';
import { runVatScript, type AnyStore } from './script.js';

const finish = async ({ hostStorage }: Pick<AnyStore, 'hostStorage'>): Promise<void> => {
  await hostStorage.commit();
  await hostStorage.close();
};

interface ScriptedOptions extends SwingStoreOptions {
  /** Writes more, after the script. */
  readonly more?: (store: AnyStore) => unknown;
}

/** A new store with what the script of vats writes. @returns its path */
export const makeScriptedStore = async (
  dirPath: string,
  { more = () => undefined, ...options }: ScriptedOptions = {},
): Promise<string> => {
  const store = initSwingStore(dirPath, options);
  await runVatScript(store);
  await more(store);
  await finish(store);
  return dirPath;
};

/** Imports over what is there. */
export const importInto = async (
  dirPath: string,
  source: ImportSource,
  options?: ImportOptions,
): Promise<void> => finish(await importSwingStore(source, dirPath, options));
