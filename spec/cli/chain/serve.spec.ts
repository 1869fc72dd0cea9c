import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stateSyncLine } from '../../../lib/cli/chain/app-lines.js';
import { serveNode } from '../../../lib/cli/chain/serve.js';
import { initSwingStore } from '../../../lib/store/swing-store.js';
import { makeTempDir } from '../../support/swingset.js';

describe('the application of a node', () => {
  const makeHome = (): string => {
    const home = makeTempDir();
    mkdirSync(join(home, 'config'));
    mkdirSync(join(home, 'data/swingset'), { recursive: true });
    const genesis = { chain_id: 'spec', app_state: { platformEpoch: 'one' } };
    writeFileSync(join(home, 'config/genesis.json'), JSON.stringify(genesis));
    return home;
  };

  const serve = async (home: string) => {
    const sent: unknown[] = [];
    const outcome = await serveNode(
      {
        command: 'chain start',
        home,
        json: false,
        platformEpoch: undefined,
        withEngine: false,
        engine: undefined,
        listen: undefined,
        metricsPort: undefined,
      },
      {
        log: () => undefined,
        stop: AbortSignal.abort(),
        powers: {
          date: () => 0,
          delay: async () => undefined,
          self: { command: '', args: [] },
          path: '',
          parent: { send: async message => void sent.push(message), onGone: () => undefined },
        },
      },
    );
    return { sent, outcome };
  };

  it('has UTC as its time zone, because local vats see it (issue 18)', async () => {
    const { TZ } = process.env;
    process.env.TZ = 'Pacific/Apia';
    try {
      expect(new Date(0).getHours(), 'before').to.equal(13);
      expect((await serve(makeHome())).outcome).to.eql({ kind: 'stopped' });
      expect(new Date(0).getHours()).to.equal(0);
    } finally {
      if (TZ === undefined) delete process.env.TZ;
      else process.env.TZ = TZ;
    }
  });

  it('calls it temporary that another process has the store, and other refusals permanent', async () => {
    const home = makeHome();
    const { hostStorage } = initSwingStore(join(home, 'data/swingset'));
    const { sent, outcome } = await serve(home);
    expect(outcome).to.have.property('kind', 'refused');
    expect(sent).to.have.length(1);
    expect(sent[0]).to.include({ type: 'failed', permanent: false });
    expect((sent[0] as { message: string }).message).to.include('is in use by another writer');
    await hostStorage.close();
    // Once the other is gone, the node starts.
    const started = await serve(home);
    expect(started.outcome).to.eql({ kind: 'stopped' });
    expect(started.sent).to.eql([{ type: 'listening' }]);
    const refused = await serve(makeTempDir());
    expect(refused.sent).to.have.length(1);
    expect(refused.sent[0]).to.include({ type: 'failed', permanent: true });
  });

  it('says what comes of snapshots, and who sent what was refused', () => {
    expect(
      stateSyncLine({ type: 'snapshot-done', height: 100, chunks: 3, bytes: 12_345 }),
    ).to.equal('snapshot of height 100: 3 chunks, 12345 bytes');
    const failed = stateSyncLine({
      type: 'snapshot-failed',
      height: 100,
      error: Error('disk\u0007'),
    });
    expect(failed).to.match(/^snapshot of height 100 failed: disk/);
    expect(failed).not.to.include('\u0007');
    expect(stateSyncLine({ type: 'snapshot-left-out', height: 200, unfinished: 100 })).to.equal(
      'snapshot of height 200 left out: that of height 100 is being written',
    );
    expect(stateSyncLine({ type: 'restore-begun', height: 100, chunks: 3 })).to.equal(
      'state sync: offered a snapshot of height 100, 3 chunks',
    );
    expect(stateSyncLine({ type: 'restore-done', height: 100 })).to.equal(
      'state sync: restored height 100',
    );
    const reason = 'chunk 1 does not have its hash';
    expect(stateSyncLine({ type: 'restore-refused', reason, senders: ['ab12', 'cd34'] })).to.equal(
      `state sync: refused a snapshot: ${reason}, sent by ab12, cd34`,
    );
    expect(stateSyncLine({ type: 'restore-refused', reason, senders: [] })).to.equal(
      `state sync: refused a snapshot: ${reason}`,
    );
    expect(stateSyncLine({ type: 'snapshot-chunk', height: 100, chunk: 1 })).to.equal(undefined);
  });
});
