/** One script of kernel and host calls, run on any implementation of the swingstore's API. */
import { createHash } from 'node:crypto';
import type { CrankHashes, HostStorage, KernelStorage } from '../../../lib/store/types.js';

export interface AnyStore {
  readonly kernelStorage: KernelStorage;
  readonly hostStorage: HostStorage;
}

export async function* oneChunk(bytes: string | Uint8Array): AsyncIterableIterator<Uint8Array> {
  yield typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
}

export const collect = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

export const scriptBundle = {
  moduleFormat: 'nestedEvaluate',
  source: '(() => 1)',
  sourceMap: '',
};
export const scriptBundleID = `b0-${createHash('sha256').update(JSON.stringify(scriptBundle)).digest('hex')}`;

/** Some of these calls return a promise in swing-store and a value here. */
export const settled = async (result: unknown): Promise<void> => {
  await result;
};

/** Four vats: v1 has ended, v2 and v10 have two incarnations, v3 has no last snapshot. */
export const runVatScript = async ({ kernelStorage, hostStorage }: AnyStore): Promise<void> => {
  const { kvStore, transcriptStore, snapStore, bundleStore } = kernelStorage;
  kvStore.set('a', '1');
  kvStore.set('local.b', 'not exported');
  kvStore.set('ключ 🗝', 'значение');
  hostStorage.kvStore.set('host.height', '7');
  kernelStorage.startCrank();
  kernelStorage.establishCrankSavepoint('start');
  for (const vatID of ['v2', 'v10', 'v1', 'v3']) {
    transcriptStore.initTranscript(vatID);
    for (let i = 0; i < 3; i += 1) {
      transcriptStore.addItem(vatID, JSON.stringify({ vatID, i, text: 'Grüße' }));
    }
    await snapStore.saveSnapshot(vatID, 2, oneChunk(`first snapshot of ${vatID}`));
    await settled(transcriptStore.rolloverSpan(vatID));
    transcriptStore.addItem(vatID, '"shutdown"');
    snapStore.stopUsingLastSnapshot(vatID);
    await settled(transcriptStore.rolloverIncarnation(vatID));
    transcriptStore.addItem(vatID, '"initialize"');
    if (vatID !== 'v3') {
      await snapStore.saveSnapshot(vatID, 4, oneChunk(`second snapshot of ${vatID}`));
      await settled(transcriptStore.rolloverSpan(vatID));
      transcriptStore.addItem(vatID, '"load"');
    }
  }
  snapStore.stopUsingLastSnapshot('v1');
  await settled(transcriptStore.stopUsingTranscript('v1'));
  bundleStore.addBundle(scriptBundleID, scriptBundle);
  kernelStorage.emitCrankHashes();
  kernelStorage.endCrank();
};

/** Cranks with nested savepoints and rollbacks; returns the hashes emitted. */
export const runCrankScript = ({ kernelStorage }: AnyStore): CrankHashes[] => {
  const { kvStore } = kernelStorage;
  const hashes: CrankHashes[] = [];
  const endCrank = (): void => {
    hashes.push({ ...kernelStorage.emitCrankHashes() });
    kernelStorage.endCrank();
  };
  kernelStorage.startCrank();
  kvStore.set('x', '1');
  kvStore.set('local.y', '2');
  kvStore.set('z', '3');
  kvStore.delete('missing');
  endCrank();

  kernelStorage.startCrank();
  kvStore.set('outer', '1');
  kernelStorage.establishCrankSavepoint('start');
  kvStore.set('middle', '2');
  kernelStorage.establishCrankSavepoint('deliver');
  kvStore.set('inner', '3');
  kvStore.delete('x');
  kernelStorage.rollbackCrank('deliver');
  kvStore.set('after', '4');
  endCrank();

  kernelStorage.startCrank();
  kernelStorage.establishCrankSavepoint('twice');
  kvStore.set('first', '1');
  kernelStorage.establishCrankSavepoint('twice');
  kvStore.set('second', '2');
  kernelStorage.rollbackCrank('twice');
  endCrank();
  return hashes;
};
