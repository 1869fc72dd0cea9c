import { expect } from 'chai';
import type { SnapshotEvent } from '../../../lib/host/block-host/snapshots/exporter.js';
import { alice, hex, makeBlock, makeChain, makeHome, message, open } from './support.js';

describe('a node that joins by state sync', () => {
  it('has the state of its peers, and follows them', async () => {
    let isDone: (event: SnapshotEvent) => void = () => undefined;
    const done = new Promise<void>((resolve, reject) => {
      isDone = event => {
        if (event.type === 'snapshot-failed') reject(Error('no snapshot', { cause: event.error }));
        if (event.type === 'snapshot-done') resolve();
      };
    });
    const onStateSync = (event: { readonly type: string }) => isDone(event as SnapshotEvent);
    const chain = await makeChain({ local: { snapshotInterval: 2, onStateSync } });
    await chain.act(message('app', 'add', 5));
    const { appHash } = chain.host.info();
    await done;
    // The light client needs the headers of two more blocks.
    expect(chain.host.listSnapshots()).to.eql([]);
    await chain.block();
    await chain.block();
    const [snapshot] = chain.host.listSnapshots();
    expect(snapshot).to.include({ height: chain.height - 3 });

    const joining = await open(makeHome());
    expect(joining.info()).to.include({ height: 0 });
    expect(await joining.offer(snapshot!, appHash)).to.equal('accept');
    for (let chunk = 0; chunk < snapshot!.chunks; chunk += 1) {
      const bytes = await chain.host.load(snapshot!.height, snapshot!.format, chunk);
      expect(await joining.apply(chunk, bytes, 'peer')).to.have.property('result', 'accept');
    }
    expect(joining.info()).to.eql({
      height: snapshot!.height,
      appHash,
      appVersion: 1n,
      platformEpoch: 'one',
    });
    const txs = [chain.tx(alice, message('app', 'add', 1))];
    for (const each of [[], [], txs]) {
      const { height } = joining.info();
      await joining.executeBlock(makeBlock(height + 1, each));
      await joining.commit();
    }
    const { appHash: expected } = await chain.block(...txs);
    expect(hex(joining.info().appHash)).to.equal(hex(expected));
    expect(await chain.host.load(snapshot!.height, snapshot!.format, 99)).to.have.length(0);
  });
});
