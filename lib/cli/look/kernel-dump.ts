/** `swingset-kernel kernel-dump`: the kernel's tables as JSON, as the controller's `dump()` gives them. */
import { lookAtStore } from '../../host/look-at-store.js';
import { dumpFields } from '../../kernel/facets/dump.js';
import { KernelState } from '../../state/kernel-state.js';
import type { KernelDumpArgs } from './look-args.js';
import type { LookIO } from './look-io.js';

/** One line for each element, so that a large dump is never one text in memory. */
export const kernelDumpCommand = async (
  { home }: KernelDumpArgs,
  { print }: Pick<LookIO, 'print'>,
): Promise<void> =>
  lookAtStore(home, ({ kernelStorage }) => {
    const state = new KernelState(kernelStorage);
    const fields = Object.entries(dumpFields(state, kernelStorage.transcriptStore, []));
    print('{');
    for (const [index, [name, read]] of fields.entries()) {
      let line = `${JSON.stringify(name)}: [`;
      let isFirst = true;
      for (const element of read()) {
        print(isFirst ? line : `${line},`);
        line = JSON.stringify(element);
        isFirst = false;
      }
      const isEmpty = isFirst;
      if (!isEmpty) print(line);
      const end = index + 1 < fields.length ? '],' : ']';
      print(isEmpty ? `${line}${end}` : end);
    }
    print('}');
  });
