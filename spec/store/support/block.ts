import { oneChunk } from './script.js';
import type { AnyStore } from './script.js';

/** A block's changes to a store. The same height and earlier state give the same changes. */
export const runBlock = async (
  { kernelStorage, hostStorage }: AnyStore,
  height: number,
): Promise<void> => {
  const { kvStore, transcriptStore, snapStore } = kernelStorage;
  if (height === 1) {
    transcriptStore.initTranscript('v1');
  }
  for (let crank = 0; crank < 3; crank += 1) {
    kernelStorage.startCrank();
    kernelStorage.establishCrankSavepoint('deliver');
    for (let i = 0; i < 20; i += 1) {
      kvStore.set(`v1.vs.${(height * 7 + crank * 3 + i) % 50}`, `${height}.${crank}.${i}`);
    }
    transcriptStore.addItem('v1', JSON.stringify({ height, crank }));
    if (crank === 1) {
      kernelStorage.rollbackCrank('deliver');
    }
    if (crank === 2 && height % 4 === 0) {
      const { endPos } = transcriptStore.getCurrentSpanBounds('v1');
      const heap = `heap at ${height} `.repeat(5000);
      await snapStore.saveSnapshot('v1', endPos - 1, oneChunk(heap));
      transcriptStore.rolloverSpan('v1');
    }
    kvStore.set('crankNumber', `${height * 3 + crank}`);
    kernelStorage.emitCrankHashes();
    kernelStorage.endCrank();
  }
  hostStorage.kvStore.set('host.height', `${height}`);
};
