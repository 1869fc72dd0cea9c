import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { BadOptionError, DamagedRowError } from '../../../lib/errors.js';
import { HostStoppedError } from '../../../lib/host/block-host/errors.js';
import type { SnapshotEvent } from '../../../lib/host/block-host/snapshots/exporter.js';
import { storePathOf } from '../../../lib/host/block-host/store-path.js';
import { StoreLockedError } from '../../../lib/store/errors.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import { failureOf } from '../../support/failure.js';
import {
  alice,
  hex,
  makeBlock,
  makeChain,
  makeHome,
  message,
  open,
  type Chain,
} from './support.js';

/** Resolves at the snapshot of a height. */
const untilSnapshot = (height: number) => {
  let listener: (event: SnapshotEvent) => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    listener = event => {
      if (event.height !== height) return;
      if (event.type === 'snapshot-failed') reject(Error('no snapshot', { cause: event.error }));
      if (event.type === 'snapshot-done') resolve();
    };
  });
  return {
    done,
    onStateSync: (event: { readonly type: string }) => listener(event as SnapshotEvent),
  };
};

/** A chain that offers a snapshot of the height before its last two. */
const makePeer = async (...numbers: readonly number[]) => {
  const chain = await makeChain();
  const { done, onStateSync } = untilSnapshot(chain.height + numbers.length - 1);
  await chain.reopen({ snapshotInterval: chain.height + numbers.length - 1, onStateSync });
  for (const number of numbers) await chain.act(message('app', 'add', number));
  const { appHash } = chain.host.info();
  await done;
  await chain.block();
  await chain.block();
  const [snapshot] = chain.host.listSnapshots();
  return { chain, snapshot: snapshot!, appHash };
};

const chunkOf = (chain: Chain, height: number) => chain.host.load(height, 1, 0);

describe('a node that can not open', () => {
  it('lets go of its store', async () => {
    const chain = await makeChain();
    const { height } = chain.host.info();
    await chain.host.close();
    const snapshots = join(chain.home, 'data', 'snapshots');
    rmSync(snapshots, { recursive: true });
    writeFileSync(snapshots, 'no directory');
    expect(await failureOf(open(chain.home))).to.include({ code: 'EEXIST' });
    rmSync(snapshots);
    const host = await open(chain.home);
    expect(host.info()).to.include({ height });
  });

  it('lets go of it when its file has another link, which readers refuse', async () => {
    const chain = await makeChain();
    await chain.host.close();
    const file = join(storePathOf(chain.home), 'swingstore.sqlite');
    linkSync(file, `${file}.link`);
    expect(await failureOf(open(chain.home))).to.be.instanceOf(StoreLockedError);
    rmSync(`${file}.link`);
    const host = await open(chain.home);
    expect(host.info()).to.include({ height: chain.height - 1 });
  });

  it('lets go of it when its own rows are damaged', async () => {
    const chain = await makeChain();
    await chain.host.close();
    const path = storePathOf(chain.home);
    const damage = async (text: string): Promise<string> => {
      const { hostStorage } = openSwingStore(path);
      const before = hostStorage.kvStore.get('host.local.lastBlock')!;
      hostStorage.kvStore.set('host.local.lastBlock', text);
      await hostStorage.commit();
      await hostStorage.close();
      return before;
    };
    const before = await damage('{');
    expect(await failureOf(open(chain.home))).to.be.instanceOf(DamagedRowError);
    await damage(before);
    const host = await open(chain.home);
    expect(host.info()).to.include({ height: chain.height - 1 });
  });
});

describe('the end of a node', () => {
  it('is the same for all who ask for it', async () => {
    const chain = await makeChain();
    void chain.host.close();
    await chain.host.close();
    const host = await open(chain.home);
    expect(host.info()).to.include({ height: chain.height - 1 });
  });

  it('waits for a block that replaces another one, and leaves no store open', async () => {
    const chain = await makeChain();
    await chain.host.executeBlock(makeBlock(chain.height, []));
    const other = makeBlock(chain.height, [chain.tx(alice, message('app', 'add', 1))]);
    // Whether it comes to its end or not.
    const replaced = chain.host.executeBlock(other).catch(() => undefined);
    await chain.host.close();
    await replaced;
    const host = await open(chain.home);
    expect(host.info()).to.include({ height: chain.height - 1 });
  });

  it('waits for a restore that has all its chunks, and closes its store', async () => {
    const { chain, snapshot, appHash } = await makePeer(5);
    expect(snapshot.chunks).to.equal(1);
    const home = makeHome();
    const ends: Promise<void>[] = [];
    const joining = await open(home, {
      onStateSync: ({ type }) => {
        if (type === 'restore-stored') ends.push(joining.close());
      },
    });
    await joining.offer(snapshot, appHash);
    const chunk = await chunkOf(chain, snapshot.height);
    await joining.apply(0, chunk, 'peer').catch(() => undefined);
    expect(ends).to.have.length(1);
    await Promise.all(ends);
    const again = await open(home);
    expect(again.info().height).to.equal(snapshot.height);
    await again.executeBlock(makeBlock(snapshot.height + 1, []));
    await again.commit();
  });
});

describe('listeners of a node', () => {
  it('stop it when they reject, as when they throw', async () => {
    const chain = await makeChain();
    for (const onCommitted of [
      () => {
        throw Error('the bridge is down');
      },
      () => Promise.reject(Error('the bridge is down')),
    ]) {
      await chain.reopen({ onCommitted });
      await chain.host.executeBlock(makeBlock(chain.height, []));
      // It is done, whatever the listener does.
      await chain.host.commit().catch(() => undefined);
      await setImmediate();
      const error = await failureOf(chain.host.executeBlock(makeBlock(chain.height + 1, [])));
      expect(error).to.be.instanceOf(HostStoppedError);
      expect(String(error)).to.contain('the bridge is down');
      chain.height += 1;
    }
  });

  it('of state sync can not stop the chain', async () => {
    const chain = await makeChain();
    const failures = [
      () => {
        throw Error('no log');
      },
      () => Promise.reject(Error('no log')),
    ];
    for (const fail of failures) {
      const { done, onStateSync } = untilSnapshot(chain.height);
      await chain.reopen({
        snapshotInterval: 1,
        onStateSync: event => {
          onStateSync(event);
          return fail();
        },
      });
      await chain.act(message('app', 'add', 1));
      await done;
      await chain.host.close();
    }
    await chain.reopen();
    await chain.block();
    await chain.block();
    expect(chain.host.listSnapshots()).to.have.length(2);
  });

  it('are functions', async () => {
    for (const [field, value] of Object.entries({
      onCommitted: 'print',
      onStateSync: 1,
      onRestartProgress: {},
      skipUpgradeHeights: 5,
    })) {
      const error = await failureOf(open(makeHome(), { [field]: value }));
      expect(error, field).to.be.instanceOf(BadOptionError);
      expect(error).to.include({ field });
    }
  });
});

describe('snapshots of a chain that a node has given up', () => {
  it('are not offered to the peers of the next one', async () => {
    const { chain: old, snapshot: given } = await makePeer(1, 2, 3);
    const { chain, snapshot, appHash } = await makePeer(5, 6, 7);
    expect(given.height).to.equal(snapshot.height);
    expect(await old.host.offer(snapshot, appHash)).to.equal('accept');
    expect(old.host.listSnapshots()).to.eql([]);
    for (let chunk = 0; chunk < snapshot.chunks; chunk += 1) {
      await old.host.apply(chunk, await chain.host.load(snapshot.height, 1, chunk), 'peer');
    }
    for (const height of [snapshot.height + 1, snapshot.height + 2]) {
      await old.host.executeBlock(makeBlock(height, []));
      await old.host.commit();
    }
    expect(hex(old.host.info().appHash)).to.equal(hex(chain.host.info().appHash));
    expect(old.host.listSnapshots()).to.eql([]);
    expect(await old.host.load(given.height, 1, 0)).to.have.length(0);
  });
});
