import { expect } from 'chai';
import { StoreDamagedError, StoreMissingError, StoreUsageError } from '../../lib/store/errors.js';
import { initSwingStore } from '../../lib/store/swing-store.js';

const makeStore = (options = {}) => {
  const store = initSwingStore(null, options);
  return { ...store, transcripts: store.kernelStorage.transcriptStore };
};

describe('transcriptStore', () => {
  it('counts positions over spans and incarnations', () => {
    const { transcripts } = makeStore();
    transcripts.initTranscript('v1');
    expect(transcripts.getCurrentSpanBounds('v1')).to.deep.include({
      startPos: 0,
      endPos: 0,
      incarnation: 0,
    });
    transcripts.addItem('v1', 'zero');
    transcripts.addItem('v1', 'one');
    expect(transcripts.rolloverSpan('v1')).to.equal(0);
    transcripts.addItem('v1', 'two');
    expect(transcripts.rolloverIncarnation('v1')).to.equal(1);
    transcripts.addItem('v1', 'three');
    expect(transcripts.getCurrentSpanBounds('v1')).to.deep.include({
      startPos: 3,
      endPos: 4,
      incarnation: 1,
    });
    expect([...transcripts.readSpan('v1')]).to.deep.equal(['three']);
    expect([...transcripts.readSpan('v1', 0)]).to.deep.equal(['zero', 'one']);
    expect(() => transcripts.readSpan('v1', 1)).to.throw(StoreMissingError, /v1\.1/);
  });

  // Small spans are read at once, others page by page.
  for (const length of [10, 30_000]) {
    it(`reads spans of items of ${length} characters while other work goes on`, () => {
      const { transcripts, kernelStorage } = makeStore();
      transcripts.initTranscript('v1');
      const items = Array.from({ length: 200 }, (_, i) => `item ${i}`.padEnd(length, '.'));
      items.forEach(item => transcripts.addItem('v1', item));
      const seen: string[] = [];
      for (const item of transcripts.readSpan('v1')) {
        kernelStorage.kvStore.set(`seen.${seen.length}`, item);
        transcripts.addItem('v1', 'later');
        seen.push(item);
      }
      expect(seen).to.deep.equal(items);
    });
  }

  it('refuses what would break its spans', () => {
    const { transcripts } = makeStore();
    expect(() => transcripts.addItem('v1', 'x')).to.throw(StoreUsageError, /v1/);
    transcripts.initTranscript('v1');
    expect(() => transcripts.initTranscript('v1')).to.throw(StoreUsageError);
    // A span of no items has the same name as the one after it.
    expect(() => transcripts.rolloverSpan('v1')).to.throw(StoreUsageError, /empty/);
    transcripts.addItem('v1', 'x');
    expect([...transcripts.readSpan('v1')]).to.deep.equal(['x']);
    transcripts.stopUsingTranscript('v1');
    transcripts.stopUsingTranscript('v1');
    expect(() => transcripts.addItem('v1', 'y')).to.throw(StoreUsageError);
    expect(() => transcripts.rolloverIncarnation('v1')).to.throw(StoreUsageError);
  });

  it('deletes the latest spans first, as many as the budget allows', () => {
    const { transcripts } = makeStore();
    transcripts.initTranscript('v1');
    for (let span = 0; span < 5; span += 1) {
      transcripts.addItem('v1', `a${span}`);
      transcripts.addItem('v1', `b${span}`);
      transcripts.rolloverSpan('v1');
    }
    transcripts.stopUsingTranscript('v1');
    // Spans are counted, whatever they hold: a pruned store has to answer alike.
    expect(transcripts.deleteVatTranscripts('v1', 2)).to.deep.equal({ done: false, cleanups: 2 });
    expect(() => transcripts.readSpan('v1', 8)).to.throw(StoreMissingError);
    expect([...transcripts.readSpan('v1', 6)]).to.deep.equal(['a3', 'b3']);
    expect(() => transcripts.deleteVatTranscripts('v1', 0)).to.throw(StoreUsageError, /budget/);
    expect(transcripts.deleteVatTranscripts('v1')).to.deep.equal({ done: true, cleanups: 4 });
    expect(transcripts.deleteVatTranscripts('v1', 1)).to.deep.equal({ done: true, cleanups: 0 });
  });

  it('prunes closed spans on request but remembers their hashes', async () => {
    const { transcripts, debug, hostStorage } = makeStore({ keepTranscripts: false });
    transcripts.initTranscript('v1');
    transcripts.addItem('v1', 'old');
    const { hash } = transcripts.getCurrentSpanBounds('v1');
    transcripts.rolloverSpan('v1');
    transcripts.addItem('v1', 'new');
    await hostStorage.commit();
    expect(() => transcripts.readSpan('v1', 0)).to.throw(StoreMissingError, /pruned/);
    expect([...transcripts.readSpan('v1')]).to.deep.equal(['new']);
    const kept = debug
      .getDatabase()
      .prepare('SELECT hash FROM transcriptSpans WHERE startPos = 0')
      .pluck()
      .get();
    expect(kept).to.equal(hash);
  });

  it('archives closed spans with the commit, and not those of undone cranks', async () => {
    const archived: [string, string][] = [];
    const { transcripts, kernelStorage, hostStorage } = makeStore({
      keepTranscripts: false,
      archiveTranscript: async (name: string, items: readonly Uint8Array[]) => {
        archived.push([name, Buffer.concat(items).toString()]);
      },
    });
    transcripts.initTranscript('v1');
    kernelStorage.startCrank();
    transcripts.addItem('v1', 'zero');
    kernelStorage.establishCrankSavepoint('deliver');
    transcripts.rolloverSpan('v1');
    kernelStorage.rollbackCrank('deliver');
    transcripts.addItem('v1', 'one');
    transcripts.rolloverSpan('v1');
    kernelStorage.endCrank();
    transcripts.addItem('v1', 'two');
    transcripts.stopUsingTranscript('v1');
    expect(archived).to.deep.equal([]);
    await hostStorage.commit();
    expect(archived).to.deep.equal([
      ['transcript.v1.0.2', 'zero\none\n'],
      ['transcript.v1.2.3', 'two\n'],
    ]);
  });

  it('refuses to read a span that is not what was written', () => {
    const { transcripts, debug } = makeStore();
    transcripts.initTranscript('v1');
    transcripts.addItem('v1', 'aaa');
    transcripts.addItem('v1', 'bbb');
    const db = debug.getDatabase();
    db.exec(`UPDATE transcriptItems SET item = 'aab' WHERE position = 0`);
    expect(() => transcripts.readSpan('v1')).to.throw(StoreDamagedError, /transcript\.v1\.0\.2/);
    db.exec(`UPDATE transcriptItems SET item = 'aaa' WHERE position = 0`);
    expect([...transcripts.readSpan('v1')]).to.have.length(2);
    db.exec(`DELETE FROM transcriptItems WHERE position = 1`);
    expect(() => transcripts.readSpan('v1')).to.throw(StoreDamagedError, /1 of its 2 items/);
  });
});
