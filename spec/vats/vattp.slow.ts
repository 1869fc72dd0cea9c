import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bundleSource from '@endo/bundle-source';
import {
  buildMailbox as buildSwingsetMailbox,
  buildMailboxStateMap as buildSwingsetMailboxState,
} from '@agoric/swingset-vat';
import { expect } from 'chai';
import type { MailboxStorage } from '../../lib/devices/mailbox/mailbox-state.js';
import type { MailboxDevice } from '../../lib/devices/mailbox/mailbox.js';
import type { Bundle } from '../../lib/store/types.js';
import { Machine, exchange, machineUser } from './support/machine.js';
import { sourcePath } from './support/paths.js';
import { startSwingsetHost } from './support/swingset-host.js';

describe('the vattp vat', () => {
  it('passes on each message once, and removes what was acknowledged', async () => {
    const machine = await Machine.start();
    const { outbox, ack } = {
      outbox: () => machine.outbox('peer'),
      ack: () => machine.ack('peer'),
    };
    await machine.do('addMailbox', 'peer');
    await machine.do('callVat', 'vattp', 'addRemote', 'peer');
    expect(await machine.takeLog()).to.deep.equal([
      'addRemote rejected Error: already have remote "peer"',
    ]);

    // Nobody takes messages yet: they are left with the peer. Nor is a stranger's taken.
    await machine.receive('peer', [[1n, ':0:early']], 0n);
    await machine.receive('stranger', [[1n, ':0:hello']], 0n);
    expect(ack()).to.equal(0n);
    expect(machine.ack('stranger')).to.equal(0n);

    await machine.do('connect', 'peer');
    await machine.receive('peer', [[1n, ':0:early']], 0n);
    expect(ack()).to.equal(1n);
    await machine.receive(
      'peer',
      [
        [1n, ':0:early'],
        [2n, ':0:more'],
        [3n, ':0:again'],
      ],
      0n,
    );
    expect(ack()).to.equal(3n);
    const received = () =>
      machine.life.kernelStorage.kvStore.get(
        `${machine.life.kernelStorage.kvStore.get('vat.name.comms')}.vs.r1.recvSeq`,
      );
    expect(received()).to.equal('3');

    await machine.do('take', 'peer', 7, 'theirs');
    await machine.do('send', 'one', '$theirs', 1);
    await machine.do('send', 'two', '$theirs', 2);
    expect(outbox().map(([number]) => number)).to.deep.equal([1n, 2n]);
    await machine.receive('peer', [], 1n);
    expect(outbox().map(([number]) => number)).to.deep.equal([2n]);
    await machine.receive('peer', [], 99n);
    expect(outbox()).to.deep.equal([]);
    await machine.do('send', 'three', '$theirs', 3);
    expect(outbox().map(([number]) => number)).to.deep.equal([3n]);
  });

  it('connects comms over the network API, for objects under addresses', async () => {
    const machine = await Machine.start();
    await machine.do('makeConnection', 'left', 'right');
    await machine.do('invoke', 'address', '$left.host', 'publish', '$alice');
    await machine.do('invoke', 'second', '$left.host', 'publish', '$bob');
    expect(await machine.takeLog()).to.deep.equal([
      'address => /alleged-name/left/egress/1',
      'second => /alleged-name/left/egress/2',
    ]);
    // The connection outlives the incarnation of the vat that made it.
    await machine.life.reboot({ platformEpoch: 2, platformRestart: { exempt: ['bootstrap'] } });
    await machine.do('invoke', 'found', '$right.host', 'lookup', '/alleged-name/left/egress/1');
    await machine.do('send', 'answer', '$found', 'over the wire');
    await machine.do('invoke', 'lost', '$right.host', 'lookup', '/alleged-name/left/egress/3');
    await machine.do('invoke', 'opened', '$left.handler', 'onOpen', '$alice');
    await machine.do('callVat', 'vattp', 'makeNetworkHost', 'left', '$bob');
    await machine.do('invoke', 'closed', '$left.handler', 'onClose');
    await machine.do('invoke', 'received', '$left.handler', 'onReceive', '$alice', ':0:late');
    expect(await machine.takeLog()).to.deep.equal([
      'found => [object Alleged: alice]',
      'alice.hello(over the wire)',
      'answer => 1',
      'lost rejected Error: nothing is published as /alleged-name/left/egress/3',
      'opened rejected Error: host "connection-1" already opened',
      'makeNetworkHost rejected Error: already have host for "left"',
      'closed => undefined',
      'received rejected Error: host "connection-1" has no receiver',
    ]);
  });

  it('carries comms between two machines, through restarts of both', async () => {
    const [a, b] = [
      await Machine.start({ platformEpoch: 1 }),
      await Machine.start({ platformEpoch: 1 }),
    ];
    for (const [machine, peer] of [
      [a, 'b'],
      [b, 'a'],
    ] as const) {
      await machine.do('addMailbox', peer);
      await machine.do('connect', peer);
    }
    await a.do('give', 'b', 1, '$alice');
    await a.do('give', 'b', 2, '$echo');
    await b.do('take', 'a', 1, 'theirAlice');
    await b.do('take', 'a', 2, 'theirEcho');
    const tables = { a: a.commsTables(), b: b.commsTables() };

    // objects, pipelining, failure
    await b.do('send', 'hello', '$theirAlice', '$bob');
    await b.do('send', 'echoed', '$theirEcho', '$bob');
    await b.do('send', 'pipelined', '$echoed.promise', 'through');
    await exchange(a, b);
    expect(await a.takeLog()).to.deep.equal([
      'alice.hello([object Alleged: bob])',
      'echo.hello([object Alleged: bob])',
    ]);
    expect(await b.takeLog()).to.deep.equal([
      'hello => 1',
      'echoed => [object Alleged: bob]',
      'bob.hello(through)',
      'pipelined => 1',
    ]);

    // restarts between a message and its answer
    const platformRestart = { exempt: ['bootstrap'] };
    await b.do('send', 'late', '$theirAlice', 'across restarts', '$bob');
    await b.life.reboot({ platformEpoch: 2, platformRestart });
    await a.life.reboot({ platformEpoch: 2, platformRestart });
    await exchange(a, b);
    await a.do('send', 'back', '$alice.1', 'and back');
    await exchange(a, b);
    expect(await a.takeLog()).to.deep.equal([
      'alice.hello(across restarts,[object Alleged: bob])',
      'back => 1',
    ]);
    expect(await b.takeLog()).to.deep.equal(['late => 2', 'bob.hello(and back)']);

    // garbage: nothing is left but what was given by index
    for (const machine of [a, b]) {
      await machine.do('forget', 'alice.0', 'alice.1', 'echo.0', 'bob', 'bob.0');
      await machine.do('forget', 'hello', 'echoed', 'late', 'back', 'pipelined');
      for (const what of ['hello', 'echoed', 'late', 'back', 'pipelined']) {
        await machine.do('forget', `${what}.promise`);
      }
      machine.life.controller.reapAllVats();
      await machine.life.run();
    }
    await exchange(a, b);
    // Each has now heard that the other knows of all that was resolved.
    await b.do('send', 'last', '$theirAlice');
    await exchange(a, b);
    await a.life.run();
    const left = (machine: Machine) =>
      Object.keys(machine.commsTables()).filter(key => !/lp[0-9]|rp[+-]/.test(key));
    expect(left(a)).to.deep.equal(Object.keys(tables.a));
    expect(left(b)).to.deep.equal(Object.keys(tables.b));
  });

  it("takes over from SwingSet's in a store that SwingSet has made", async () => {
    const directory = await mkdtemp(join(tmpdir(), 'swingset-vattp-'));
    try {
      const storage: MailboxStorage = new Map();
      const mailbox = buildSwingsetMailbox(buildSwingsetMailboxState(storage)) as MailboxDevice;
      const swingset = await startSwingsetHost({
        vats: { bootstrap: machineUser },
        devices: { mailbox },
        directory,
      });
      await swingset.ask('addMailbox', 'peer');
      await swingset.ask('connect', 'peer');
      await swingset.ask('give', 'peer', 1, '$alice');
      await swingset.ask('take', 'peer', 7, 'theirs');
      await swingset.ask('send', 'one', '$theirs', '$bob');
      mailbox.deliverInbound('peer', [[1n, '1:0:deliver:ro+1:rp-40;#["hello",[1]]']], 0n);
      await swingset.run();
      await swingset.shutdown();
      expect([...(storage.get('peer')?.outbox.keys() ?? [])]).to.deep.equal([1n, 2n]);

      // SwingSet's host holds on to the promises for its own messages.
      const machine = await Machine.start(
        { store: { path: directory }, checkAtEnd: false },
        storage,
      );
      for (const vat of ['vattp', 'comms']) {
        const path = sourcePath(`lib/vats/${vat}/vat-${vat}.js`);
        const bundle = (await bundleSource(path, { format: 'endoZipBase64' })) as unknown as Bundle;
        const { controller } = machine.life;
        const bundleID = await controller.validateAndInstallBundle(bundle);
        const kpid = controller.upgradeStaticVat(vat, false, bundleID, {});
        await machine.life.run();
        expect(machine.life.resultOf(kpid)).to.have.property('incarnationNumber');
      }
      await machine.takeLog();
      await machine.receive('peer', [[2n, '2:2:resolve:fulfill:rp+40:ro+20;#"$0"']], 2n);
      await machine.do('send', 'two', '$theirs', 'again');
      expect(machine.outbox('peer')).to.deep.equal([
        [3n, '3:2:deliver:ro+7:rp-41;#["hello",["again"]]'],
      ]);
      expect(machine.ack('peer')).to.equal(2n);
      expect(await machine.takeLog()).to.deep.equal(['one => [object Alleged: bob]']);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
