/**
 * Lets a store grow through the kernel's typed tables: vats that nobody calls, c-list entries, rows.
 * To make them by running vats would take days, and their rows would be the same.
 */
import { exportRootObject } from '../../lib/kernel/vats/root-object.js';
import { KernelState } from '../../lib/state/kernel-state.js';
import type { KernelStorage } from '../../lib/store/types.js';
import { makeVRef } from '../../lib/types/ids.js';
import type { Context } from '../harness/types.js';
import { loadKernel } from '../kernels.js';

/** In one crank or commit. */
const BATCH = 10_000;

const inBatches = (count: number, work: (index: number) => void, between: () => void): void => {
  for (let index = 0; index < count; index += 1) {
    work(index);
    if ((index + 1) % BATCH === 0) between();
  }
  between();
};

/** Runs a change in cranks, and commits. */
const change = async (
  { storeDir }: Context,
  count: number,
  makeWork: (state: KernelState, kernelStorage: KernelStorage) => (index: number) => void,
): Promise<void> => {
  const { openStore } = await loadKernel('here');
  const { hostStorage, kernelStorage } = openStore(storeDir);
  const state = new KernelState(kernelStorage as KernelStorage);
  const work = makeWork(state, kernelStorage as KernelStorage);
  state.beginCrank();
  inBatches(count, work, () => {
    state.endCrank();
    state.beginCrank();
  });
  state.endCrank();
  await hostStorage.commit();
  await hostStorage.close();
};

const ROWS_PER_VAT = 10;

/** Dynamic vats like the static vat `like`, whose first deliveries have not come yet. */
export const addVats = (context: Context, count: number, like: string): Promise<void> =>
  change(context, count, (state, { transcriptStore }) => {
    const model = state.vats.getByName(like);
    const source = state.vats.getSource(model);
    const options = state.vats.getOptions(model);
    return index => {
      const vatID = state.vats.allocateID();
      state.vats.addDynamic(vatID);
      state.vats.createRecord(vatID, source, { ...options, name: `grown-${index}` });
      transcriptStore.initTranscript(vatID);
      exportRootObject(state, vatID);
      const rows = state.vatstore(vatID);
      for (let row = 0; row < ROWS_PER_VAT; row += 1) rows.set(`grown.${row}`, `row ${row}`);
    };
  });

/** Above the numbers that liveslots takes for the vat's own exports. */
const FIRST_EXPORT = 10_000_000;

/** Objects that one vat exports and another imports: an entry in the c-list of each. */
export const addClistEntries = (
  context: Context,
  count: number,
  { exporter, importer }: { readonly exporter: string; readonly importer: string },
): Promise<void> =>
  change(context, count, state => {
    const [from, to] = [state.vats.getByName(exporter), state.vats.getByName(importer)];
    return index => {
      const kref = state.objects.create(from);
      state.clist(from).add(kref, makeVRef('object', true, FIRST_EXPORT + index));
      state.clist(to).importKRef(kref);
    };
  });

const ROW_CHARS = 900;
/** Of the file: four rows to a page, and an index entry for each. */
export const ROW_BYTES = 1065;

/** In order, like the IDs of durable objects. */
const keyOf = (index: number): string => `grown.${String(index).padStart(9, '0')}`;

/** Rows of a kilobyte in a vat's vatstore. Outside of cranks, whose hashes would take an hour. */
export const addRows = async (context: Context, count: number, vat: string): Promise<void> => {
  const { openStore } = await loadKernel('here');
  const { hostStorage, kernelStorage } = openStore(context.storeDir);
  const state = new KernelState(kernelStorage as KernelStorage);
  const rows = state.vatstore(state.vats.getByName(vat));
  const text = 'x'.repeat(ROW_CHARS - 9);
  for (let done = 0; done < count; done += BATCH) {
    for (let index = done; index < Math.min(count, done + BATCH); index += 1) {
      rows.set(keyOf(index), `${text}${String(index).padStart(9, '0')}`);
    }
    await hostStorage.commit();
  }
  await hostStorage.close();
};
