import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as swingStore from '@agoric/swing-store';
import { expect } from 'chai';
import {
  initSwingStore,
  makeArchiveSnapshot,
  makeArchiveTranscript,
  type SwingStoreOptions,
} from '../../lib/index.js';
import { useTempDirs } from './support/dirs.js';
import { oneChunk, settled } from './support/script.js';

interface AnyModule {
  readonly initSwingStore: typeof initSwingStore;
}

/** Takes a snapshot and closes some spans. */
const runVat = async ({ initSwingStore: init }: AnyModule, options: SwingStoreOptions) => {
  const { kernelStorage, hostStorage } = init(null, { keepTranscripts: false, ...options });
  const { transcriptStore, snapStore } = kernelStorage;
  transcriptStore.initTranscript('v1');
  for (const item of ['zero', 'one']) transcriptStore.addItem('v1', item);
  const saved = await snapStore.saveSnapshot('v1', 2, oneChunk('the heap'));
  await settled(transcriptStore.rolloverSpan('v1'));
  transcriptStore.addItem('v1', 'two');
  await settled(transcriptStore.rolloverIncarnation('v1'));
  transcriptStore.addItem('v1', 'three');
  await settled(transcriptStore.stopUsingTranscript('v1'));
  await hostStorage.commit();
  await hostStorage.close();
  return saved;
};

describe('archives', () => {
  const tempDir = useTempDirs();

  it('are given what swing-store gives them', async () => {
    const given = await Promise.all(
      [{ initSwingStore }, swingStore as AnyModule].map(async module => {
        const snapshots: [string, string][] = [];
        const spans: [string, readonly Uint8Array[]][] = [];
        await runVat(module, {
          archiveSnapshot: async (name, gzipped) => {
            snapshots.push([name, gunzipSync(gzipped).toString()]);
          },
          archiveTranscript: async (name, items) => {
            spans.push([name, items]);
          },
        });
        return { snapshots, spans };
      }),
    );
    expect(given[0]).to.deep.equal(given[1]);
    expect(given[0]!.snapshots).to.deep.equal([['snapshot.v1.2', 'the heap']]);
    expect(given[0]!.spans.map(([name]) => name)).to.deep.equal([
      'transcript.v1.0.2',
      'transcript.v1.2.3',
      'transcript.v1.3.4',
    ]);
  });

  it('are files that gunzip reads', async () => {
    const dirPath = tempDir('archive');
    const saved = await runVat(
      { initSwingStore },
      {
        archiveSnapshot: makeArchiveSnapshot(dirPath),
        archiveTranscript: makeArchiveTranscript(dirPath),
      },
    );
    expect(saved.archiveWriteSeconds).to.be.a('number');
    const contents = readdirSync(dirPath).map(file => [
      file,
      gunzipSync(readFileSync(join(dirPath, file))).toString(),
    ]);
    expect(contents.sort()).to.deep.equal([
      ['snapshot.v1.2.gz', 'the heap'],
      ['transcript.v1.0.2.gz', 'zero\none\n'],
      ['transcript.v1.2.3.gz', 'two\n'],
      ['transcript.v1.3.4.gz', 'three\n'],
    ]);
  });
});
