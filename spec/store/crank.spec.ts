import * as swingStore from '@agoric/swing-store';
import { expect } from 'chai';
import { StoreUsageError } from '../../lib/store/errors.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import { runCrankScript, runVatScript } from './support/script.js';
import { failureOf } from '../support/failure.js';

describe('cranks', () => {
  it('have the hashes that swing-store computes for the same calls', async () => {
    const ours = initSwingStore(null);
    const theirs = swingStore.initSwingStore(null);
    await runVatScript(ours);
    await runVatScript(theirs);
    expect(runCrankScript(ours)).to.deep.equal(runCrankScript(theirs));
    expect(ours.kernelStorage.getActivityhash()).to.equal(theirs.kernelStorage.getActivityhash());
    const { kvEntries, transcripts, bundles } = theirs.debug.dump();
    const dump = ours.debug.dump();
    expect(dump.kvEntries).to.deep.equal(kvEntries);
    expect(dump.transcripts).to.deep.equal(transcripts);
    expect(dump.bundles).to.deep.equal(bundles);
  });

  it('chain the activityhash over commits', async () => {
    const { kernelStorage, hostStorage } = initSwingStore(null);
    expect(kernelStorage.getActivityhash()).to.equal('');
    const first = kernelStorage.emitCrankHashes();
    await hostStorage.commit();
    const second = kernelStorage.emitCrankHashes();
    expect(second.crankhash).to.equal(first.crankhash);
    expect(second.activityhash).not.to.equal(first.activityhash);
    expect(kernelStorage.getActivityhash()).to.equal(second.activityhash);
  });

  it('roll back every kind of state to the savepoint named, and no further', async () => {
    const { kernelStorage } = initSwingStore(null);
    const { kvStore, transcriptStore, snapStore, imageStore } = kernelStorage;
    transcriptStore.initTranscript('v1');
    kernelStorage.startCrank();
    kvStore.set('before', '1');
    transcriptStore.addItem('v1', 'kept');
    kernelStorage.establishCrankSavepoint('outer');
    kvStore.set('before', '2');
    kernelStorage.establishCrankSavepoint('inner');
    kvStore.delete('before');
    transcriptStore.addItem('v1', 'undone');
    transcriptStore.rolloverSpan('v1');
    await snapStore.saveSnapshot('v1', 1, streamOf('undone'));
    const imageID = imageStore.save(Buffer.from('image'));
    kernelStorage.rollbackCrank('inner');
    expect(kvStore.get('before')).to.equal('2');
    expect([...transcriptStore.readSpan('v1')]).to.deep.equal(['kept']);
    expect(snapStore.getSnapshotInfo('v1')).to.equal(undefined);
    expect(imageStore.has(imageID)).to.equal(false);
    kernelStorage.rollbackCrank('outer');
    expect(kvStore.get('before')).to.equal('1');
    expect(() => kernelStorage.rollbackCrank('outer')).to.throw(StoreUsageError, /outer/);
    kernelStorage.endCrank();
    expect(imageStore.has(imageStore.save(Buffer.from('image')))).to.equal(true);
  });

  it('that restart end with the hash of one that ran once', () => {
    const crankOf = (disturb: boolean) => {
      const { kernelStorage } = initSwingStore(null);
      kernelStorage.startCrank();
      kernelStorage.establishCrankSavepoint('crank');
      if (disturb) {
        kernelStorage.kvStore.set('key', 'undone');
        kernelStorage.restartCrank();
        expect(kernelStorage.kvStore.has('key')).to.equal(false);
        kernelStorage.establishCrankSavepoint('crank');
      }
      kernelStorage.kvStore.set('key', 'kept');
      const hashes = kernelStorage.emitCrankHashes();
      kernelStorage.endCrank();
      return hashes;
    };
    expect(crankOf(true)).to.deep.equal(crankOf(false));
  });

  it('keep what a snapshot writes inside the savepoint that is open when it ends', async () => {
    const { kernelStorage } = initSwingStore(null);
    kernelStorage.startCrank();
    kernelStorage.establishCrankSavepoint('early');
    const saving = kernelStorage.snapStore.saveSnapshot('v1', 1, streamOf('bytes'));
    kernelStorage.establishCrankSavepoint('late');
    await saving;
    kernelStorage.rollbackCrank('late');
    expect(kernelStorage.snapStore.getSnapshotInfo('v1')).to.equal(undefined);
  });

  it('refuse calls out of order', async () => {
    const { kernelStorage, hostStorage } = initSwingStore(null);
    expect(() => kernelStorage.endCrank()).to.throw(StoreUsageError);
    expect(() => kernelStorage.establishCrankSavepoint('a')).to.throw(StoreUsageError);
    expect(() => kernelStorage.rollbackCrank('a')).to.throw(StoreUsageError);
    kernelStorage.startCrank();
    expect(() => kernelStorage.startCrank()).to.throw(StoreUsageError);
    const error = await failureOf(hostStorage.commit());
    expect(error).to.be.instanceOf(StoreUsageError);
    kernelStorage.endCrank();
    await hostStorage.commit();
  });
});

async function* streamOf(text: string): AsyncIterableIterator<Uint8Array> {
  yield Buffer.from(text);
}
