/** The kernel's tables over a store in memory, without a kernel. */
import { KernelState } from '../../lib/state/kernel-state.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import type { BundleID, DeviceID, KRef, VatID } from '../../lib/types/ids.js';
import type { CapData } from '../../lib/types/messages.js';
import type { VatOptions } from '../../lib/types/vat-options.js';

export const v1 = 'v1' as VatID;
export const v2 = 'v2' as VatID;
export const v10 = 'v10' as VatID;
export const d7 = 'd7' as DeviceID;

export const source = { bundleID: 'b1-00' as BundleID };
export const vatOptions: VatOptions = {
  workerOptions: { type: 'local' },
  enableSetup: false,
  enablePipelining: false,
  enableDisavow: false,
  useTranscript: true,
  reapDirtThreshold: {},
  critical: false,
};
export const dataWith = (...slots: KRef[]): CapData<KRef> => ({ body: '#"x"', slots });

export const makeState = () => {
  const { kernelStorage } = initSwingStore(null);
  const { kvStore } = kernelStorage;
  const state = new KernelState(kernelStorage);
  state.initialize();
  /** Rows whose key starts with the prefix, under the rest of their key. */
  const rowsOf = (prefix: string): Readonly<Record<string, string>> => {
    const rows: Record<string, string> = {};
    for (
      let key = kvStore.getNextKey(prefix);
      key?.startsWith(prefix);
      key = kvStore.getNextKey(key)
    ) {
      rows[key.slice(prefix.length)] = kvStore.get(key)!;
    }
    return rows;
  };
  const stats = (...names: string[]) => names.map(name => state.stats.all()[name]);
  return { kernelStorage, kvStore, state, rowsOf, stats };
};
