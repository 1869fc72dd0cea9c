/**
 * Issue 18: no message of another machine, and no answer to it, ends the comms vat by what it costs
 * in one delivery. Behind it is the kernel with its limits (docs/limits.md).
 */
import { expect } from 'chai';
import { makeBudget } from '../../lib/vats/comms/budget.js';
import { makeCollector } from '../../lib/vats/comms/collector.js';
import { makeObjects } from '../../lib/vats/comms/objects.js';
import { makePromises } from '../../lib/vats/comms/promises.js';
import { makeStore } from '../../lib/vats/comms/store.js';
import { makeClist } from '../../lib/vats/comms/clist.js';
import { MAX_KEPT } from '../../lib/vats/comms/remote-place.js';
import type { Syscall } from '../../lib/vats/comms/types.js';
import { sourceOf, startLife } from '../support/swingset.js';
import { CommsMachine, transmitted } from './support/comms-machine.js';

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

const repeat = (result: number, letter: string, length: number): string =>
  `deliver:ro+1:rp-${result};#["repeat",["${letter}",${length}]]`;

interface Attack {
  /** Each a message without its numbers. */
  readonly messages: readonly string[];
  /** What the remote hears last, before the answer to the next message. */
  readonly last: RegExp;
}

const attacks: Readonly<Record<string, Attack>> = {
  'a reference with too many digits for a key': {
    messages: [`deliver:ro+1:rp-1${'0'.repeat(100_000)};#["echo",[]]`],
    last: /^$/,
  },
  'thousands of messages to a promise that was rejected': {
    messages: [
      'deliver:ro+1:rp-40;#["fail",[]]',
      lines(3_000, index => `deliver:rp-40:rp-${index + 100};#["echo",[]]`),
    ],
    last: /resolve:reject:rp\+3099;.*"no"/,
  },
  'an answer that thousands of messages mention': {
    messages: [repeat(40, 'x', 30_000), lines(4_900, () => 'deliver:ro+1::rp-40;#["echo",["&0"]]')],
    last: /resolve:fulfill:rp\+40;#"x{50}/,
  },
  'long answers that one resolution mentions': {
    messages: [
      `${repeat(40, 'x', 7_000_000)}\n${repeat(41, 'y', 7_000_000)}`,
      'deliver:ro+1:rp-43:rp-42;#["echo",["&0"]]',
      'resolve:fulfill:rp-42:rp-40:rp-41;#["&0","&1"]',
    ],
    // The first fits into the syscall, and the second is announced as rejected.
    last: /resolve:fulfill:rp\+43:rp-\d+:rp-\d+;.*\n.*x{50}.*\nresolve:reject:.*too much/s,
  },
};

describe('the comms vat, told too much at once', () => {
  const config = {
    bootstrap: 'peer',
    vats: { peer: { sourceSpec: sourceOf(import.meta.url, 'fixtures/wire-peer.js') } },
  };
  const start = async () => {
    const life = await startLife({ config, worker: 'local', initialization: { addComms: true } });
    await life.run();
    return life;
  };

  for (const [what, { messages, last }] of Object.entries(attacks)) {
    it(`goes on after ${what}`, async () => {
      const life = await start();
      await life.call('peer', 'connect', 'b');
      for (const [index, text] of messages.entries()) {
        await life.call('peer', 'say', 'b', `${index + 1}:0:${text}`);
      }
      const heard = (await life.call('peer', 'hear')) as string[];
      expect(heard.at(-1) ?? '').to.match(last);
      const ping = `${messages.length + 1}:0:deliver:ro+1:rp-99;#["echo",["still here"]]`;
      await life.call('peer', 'say', 'b', ping);
      expect(((await life.call('peer', 'hear')) as string[]).at(-1)).to.match(
        /resolve:fulfill:rp\+99;#"still here"$/,
      );
    });
  }

  it('tells as many machines of a long answer as it can, and the others that it can not', async () => {
    const life = await start();
    const names = Array.from({ length: 12 }, (_, index) => `m${index}`);
    for (const name of names) {
      await life.call('peer', 'connect', name);
      await life.call('peer', 'giveWaiting', name);
    }
    await life.call('peer', 'hear');
    await life.call('peer', 'answerWaiting', 'x', 7_000_000);
    const heard = (await life.call('peer', 'hear')) as string[];
    const kinds = heard.map(each => /resolve:(fulfill|reject)/.exec(each)?.[1]);
    expect(heard.map(each => each.split(' ')[0]).sort()).to.deep.equal([...names].sort());
    expect(kinds).to.include('fulfill').and.include('reject');
    expect(heard.find(each => each.includes('reject'))).to.match(/too much for one delivery/);
    await life.call('peer', 'say', 'm11', '1:1:deliver:ro+1:rp-99;#["echo",["still here"]]');
    expect(((await life.call('peer', 'hear')) as string[]).at(-1)).to.contain('still here');
  });

  it('keeps no more resolutions for a machine that is away than a row can hold', () => {
    const machine = new CommsMachine().start().connect();
    machine.receive('1:0:deliver:ro+1:rp-40;#["foo",[]]\ndeliver:ro+1:rp-41;#["foo",[]]');
    machine.deliver(['notify', [['p+40', false, { body: '#1', slots: [] }]]]);
    const [own] = JSON.parse(machine.vatstore.get('r1.rq') ?? '') as unknown[];
    const others = Array.from({ length: MAX_KEPT - 1 }, (_, index) => [1, `rp-${index}`]);
    machine.vatstore.set('r1.rq', JSON.stringify([own, ...others]));
    const promise = machine.vatstore.get('r1.c.rp-40') ?? '';
    expect(machine.vatstore.has(`${promise}.status`)).to.equal(true);
    const calls = machine.deliver(['notify', [['p+41', false, { body: '#2', slots: [] }]]]);
    expect(transmitted(calls)).to.deep.equal(['2:1:resolve:fulfill:rp+41;#2']);
    const kept = JSON.parse(machine.vatstore.get('r1.rq') ?? '') as unknown[];
    expect(kept).to.have.length(MAX_KEPT);
    expect(kept.at(-1)).to.deep.equal([2, 'rp+41']);
    expect(machine.vatstore.has(`${promise}.status`)).to.equal(false);
  });

  it('counts what is new to the kernel', () => {
    const budget = makeBudget({} as Syscall);
    for (let count = 0; count < 50_000; count += 1) budget.noteExport();
    expect(budget.isSpent()).to.equal(false);
    budget.noteExport();
    expect(budget.isSpent()).to.equal(true);
  });

  interface Tables {
    readonly objects: ReturnType<typeof makeObjects>;
    readonly promises: ReturnType<typeof makePromises>;
    readonly clist: ReturnType<typeof makeClist>;
  }
  const makeTables = () => {
    const rows = new Map<string, string>();
    const reads = { count: 0 };
    const store = makeStore({
      vatstoreGet: key => {
        reads.count += 1;
        return rows.get(key);
      },
      vatstoreSet: (key, value) => void rows.set(key, value),
      vatstoreDelete: key => void rows.delete(key),
    } as Syscall);
    for (const table of ['lo', 'lp']) store.set(`${table}.nextID`, 10);
    const dropped: string[] = [];
    /** One delivery, which has room for so many steps. */
    const inDelivery = (room: number, change: (tables: Tables) => void) => {
      let left = room;
      const lost = new Set<string>();
      const objects = makeObjects(store, object => lost.add(object));
      const promises = makePromises(store, objects, promise => lost.add(promise));
      const clist = makeClist(store, '', ref => ref);
      const place = {
        clist,
        sendCollected: ({ drop }: { drop: readonly string[] }) => void dropped.push(...drop),
      };
      const collector = makeCollector({
        budget: { isSpent: () => (left -= 1) < 0 } as ReturnType<typeof makeBudget>,
        store,
        tables: { objects, promises },
        getPlace: () => place as never,
      });
      change({ objects, promises, clist });
      collector.collect(lost);
    };
    return { rows, reads, dropped, inDelivery };
  };

  it('looks once at promises that lead to each other, however many were lost', () => {
    const { reads, inDelivery } = makeTables();
    const chain: string[] = [];
    inDelivery(Infinity, ({ promises }) => {
      chain.push(...Array.from({ length: 1_000 }, () => promises.add('comms')));
      for (const [index, promise] of chain.entries()) {
        const next = chain[index + 1];
        promises.resolve(promise, false, { body: '#0', slots: next ? [next] : [] });
        // One machine keeps all of them, and another knew them, too.
        promises.incref(promise);
        promises.incref(promise);
      }
    });
    reads.count = 0;
    inDelivery(Infinity, ({ promises }) => {
      for (const promise of chain) promises.decref(promise);
    });
    expect(reads.count).to.be.within(3_000, 10_000);
  });

  it('collects, delivery by delivery, what is too much for one', () => {
    const { rows, dropped, inDelivery } = makeTables();
    // Each of three promises mentions the next, in a ring, and an object.
    const ring: string[] = [];
    inDelivery(Infinity, ({ objects, promises, clist }) => {
      ring.push(...Array.from({ length: 3 }, () => promises.add('comms')));
      for (const [index, promise] of ring.entries()) {
        const object = objects.add('kernel');
        clist.add(object, `o-${index}`);
        clist.setReachable(object, true);
        const next = ring[(index + 1) % ring.length]!;
        promises.resolve(promise, false, { body: '#0', slots: [next, object] });
        promises.incref(promise);
      }
    });
    inDelivery(5, ({ promises }) => {
      for (const promise of ring) promises.decref(promise);
    });
    expect(dropped).to.deep.equal([]);
    expect(rows.get('lost')?.split(',').length).to.be.greaterThan(1);
    let deliveries = 1;
    while (rows.has('lost')) {
      inDelivery(5, () => undefined);
      deliveries += 1;
    }
    expect(deliveries).to.be.greaterThan(1);
    expect(dropped.sort()).to.deep.equal(['o-0', 'o-1', 'o-2']);
    expect([...rows.keys()].sort()).to.deep.equal(['lo.nextID', 'lp.nextID']);
  });
});
