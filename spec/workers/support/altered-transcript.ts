import type { KernelStorage } from '../../../lib/store/types.js';
import type { DeliveryEntry } from '../../../lib/workers/transcript.js';

/** A store whose transcript items are read through `alter`. */
export const withAlteredTranscript = (
  kernelStorage: KernelStorage,
  alter: (entry: DeliveryEntry, index: number) => DeliveryEntry,
): KernelStorage => ({
  ...kernelStorage,
  transcriptStore: {
    ...kernelStorage.transcriptStore,
    readSpan: function* readSpan(vatID, startPos) {
      let index = 0;
      for (const item of kernelStorage.transcriptStore.readSpan(vatID, startPos)) {
        yield JSON.stringify(alter(JSON.parse(item) as DeliveryEntry, index));
        index += 1;
      }
    },
  },
});
