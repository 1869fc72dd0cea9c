import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { MAX_UNACKNOWLEDGED } from '../../lib/vats/comms/remote-place.js';
import { CommsMachine, ref, transmitted } from './support/comms-machine.js';
import type { Call } from './support/comms-machine.js';
import { sourcePath } from './support/paths.js';

interface Recording {
  readonly turns: readonly {
    readonly delivery: readonly [string, ...unknown[]];
    readonly syscalls: readonly Call[];
  }[];
  readonly vatstore: Readonly<Record<string, string>>;
}

const readRecording = async () =>
  JSON.parse(
    await readFile(sourcePath('spec/vats/fixtures/comms-original.json'), 'utf8'),
  ) as Record<'a' | 'b', Recording>;

const isSubscribe = ([name]: Call) => name === 'subscribe';

/** The rows that a recorded vat should have had: SwingSet's leaves some behind. */
const withoutLeaks = (recorded: Readonly<Record<string, string>>): Record<string, string> => {
  const rows = { ...recorded };
  const release = (object: string) => {
    for (const count of ['reachable', 'recognizable']) {
      rows[`${object}.${count}`] = `${Number(rows[`${object}.${count}`]) - 1}`;
    }
  };
  const removeRows = (ref: string) => {
    for (const key of Object.keys(rows)) {
      if (key === `imps.${ref}` || key.startsWith(`${ref}.`)) delete rows[key];
    }
  };
  // Promises resolved to each other, which no c-list leads to.
  for (const key of Object.keys(rows)) {
    const promise = /^(lp[0-9]+)\.status$/.exec(key)?.[1];
    if (!promise || `c.${promise}` in rows || `r1.c.${promise}` in rows) continue;
    for (const slot of (rows[`${promise}.data.slots`] ?? '').split(',')) {
      if (slot.startsWith('lo')) release(slot);
    }
    removeRows(promise);
  }
  // Objects that were retired.
  for (const key of Object.keys(rows)) {
    const object = /^(lo[0-9]+)\.recognizable$/.exec(key)?.[1];
    if (object && rows[key] === '0') removeRows(object);
  }
  return rows;
};

/** An object given by `addEgress` counts as mentioned in the next message there, in the last here. */
const withoutLastSent = (rows: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(rows).filter(([key]) => !key.includes('lastSent')));

describe('the comms vat', () => {
  for (const name of ['a', 'b'] as const) {
    describe(`in the place of SwingSet's on machine ${name}`, () => {
      it('asks for the same in each delivery, and so says the same to its peer', async () => {
        const { turns } = (await readRecording())[name];
        const machine = new CommsMachine();
        for (const { delivery, syscalls } of turns) {
          const calls = JSON.parse(JSON.stringify(machine.deliver(delivery))) as Call[];
          const text = JSON.stringify(delivery);
          expect(
            calls.filter(call => !isSubscribe(call)),
            text,
          ).to.deep.equal(syscalls.filter(call => !isSubscribe(call)));
          // SwingSet's also subscribes to what it has been told to decide, or subscribed to before.
          expect(syscalls.filter(isSubscribe), text).to.deep.include.members(
            calls.filter(isSubscribe),
          );
        }
      });

      it('has the same in its vatstore in the end', async () => {
        const { turns, vatstore } = (await readRecording())[name];
        const machine = new CommsMachine();
        for (const { delivery } of turns) machine.deliver(delivery);
        expect(withoutLastSent(Object.fromEntries(machine.vatstore))).to.deep.equal(
          withoutLastSent(withoutLeaks(vatstore)),
        );
      });

      it('can take over its vatstore after any delivery', async () => {
        const { turns, vatstore } = (await readRecording())[name];
        const machine = new CommsMachine();
        for (const [key, value] of Object.entries(vatstore)) machine.vatstore.set(key, value);
        machine.start();
        expect(Object.fromEntries(machine.vatstore)).to.deep.equal(vatstore);
        const next = Number(vatstore['r1.recvSeq']) + 1;
        const last = Number(vatstore['r1.sendSeq']) - 1;
        machine.receive(`${next}:${last}:gc:dropExport:ro+9999`);
        expect(machine.vatstore.get('r1.recvSeq')).to.equal(`${next}`);
        expect(machine.vatstore.get('r1.rq')).to.equal('[]');
        expect(turns.length).to.be.above(50);
      });
    });
  }

  it('rejects calls of its root that make no sense, and goes on', () => {
    const machine = new CommsMachine().start().connect();
    const before = Object.fromEntries(machine.vatstore);
    const complaint = (method: string, ...args: unknown[]) => {
      const [call] = machine.message('o+0', method, args, 'p-70');
      expect(call?.[0]).to.equal('resolve');
      const [[vpid, rejected, { body }]] = call?.[1] as [[string, boolean, { body: string }]];
      expect([vpid, rejected]).to.deep.equal(['p-70', true]);
      return (JSON.parse(body.slice(1)) as { '#error': string })['#error'];
    };
    expect(complaint('addRemote', 'b', ref('o-52'), ref('o-53'))).to.match(/"b" already in use/);
    expect(complaint('addRemote', '', ref('o-52'), ref('o-53'))).to.match(/needs a name/);
    expect(complaint('addRemote', 'c', 'transmitter', ref('o-53'))).to.match(
      /bad "transmitter" arg for addRemote\(\)/,
    );
    expect(complaint('addRemote', 'c', ref('o-52'))).to.match(/bad "setReceiver" arg/);
    expect(complaint('addEgress', 'nobody', 1, ref('o-61'))).to.match(
      /unknown remote name "nobody/,
    );
    expect(complaint('addEgress', 'b', 1, ref('o-61'))).to.match(/ro\+1 is another object/);
    expect(complaint('addEgress', 'b', 2, ref('o-60'))).to.match(/is ro-1 for the remote already/);
    expect(complaint('addEgress', 'b', -1, ref('o-61'))).to.match(/non-negative integer/);
    expect(complaint('addEgress', 'b', 3, 'no object')).to.match(/bad "obj0" arg/);
    expect(complaint('addEgress', 'b', 3, ref('o+0'))).to.match(/can't be mentioned/);
    expect(complaint('addIngress', 'nobody', 1)).to.match(/unknown remote name/);
    expect(complaint('addIngress', 'b', 'one')).to.match(/non-negative integer/);
    expect(complaint('addIngress', 'b', 1, 5)).to.match(/unexpected iface type in addIngress/);
    expect(complaint('constructor')).to.match(/method constructor is not available/);
    expect(Object.fromEntries(machine.vatstore)).to.deep.equal(before);
    expect(machine.message('o+0', 'addEgress', ['b', 1n, ref('o-60')], 'p-71')).to.deep.equal([
      ['resolve', [['p-71', false, { body: '#"#undefined"', slots: [] }]]],
    ]);
  });

  it('refuses to mention a device to another machine', () => {
    const machine = new CommsMachine().start().connect();
    machine.message('o+0', 'addIngress', ['b', 5], 'p-70');
    const [call] = machine.deliver([
      'message',
      'o+31',
      { methargs: { body: '#["take",["$0"]]', slots: ['d-70'] }, result: 'p-71' },
    ]);
    expect(JSON.stringify(call)).to.contain("d-70 can't be mentioned to other machines");
    expect(machine.vatstore.get('r1.sendSeq')).to.equal('1');
  });

  it('numbers objects of its own clear of those that egresses were given', () => {
    const machine = new CommsMachine().start().connect();
    machine.message('o+0', 'addEgress', ['b', 25, ref('o-61')]);
    machine.message('o+0', 'addIngress', ['b', 5]);
    const calls = machine.message('o+31', 'take', [ref('o-62')]);
    expect(transmitted(calls)[0]).to.match(/^1:0:deliver:ro\+5::ro-26;/);
  });

  it('counts from where its parameters say, and leaves out numbers when told so', () => {
    const machine = new CommsMachine()
      .start({ identifierBase: 500, sendExplicitSeqNums: false })
      .connect();
    machine.message('o+0', 'addIngress', ['b', 5]);
    const calls = machine.message('o+531', 'take', [ref('o-62')], 'p-70');
    expect(transmitted(calls)[0]).to.match(/^:0:deliver:ro\+5:rp-540:ro-520;/);
  });

  describe('with a remote that is not to be trusted', () => {
    const nonsense: readonly string[] = [
      'deliver:ro+99:;#["foo",[]]',
      'deliver:rp-99:;#["foo",[]]',
      'deliver:ro+1:rp+77;#["foo",[]]',
      'deliver:ro+1:ro-77;#["foo",[]]',
      'deliver:ro+1::ro-77:ro+99;#["foo",[]]',
      'deliver:ro+1:rp-77',
      'deliver:o+1:;#["foo",[]]',
      'resolve:fulfill:rp-77;#7',
      'resolve:fulfill:ro+1;#7',
      'resolve:fulfill:rp-77:rp+78;#7',
      'resolve:maybe:rp-77;#7',
      'gc:retireImport:ro+1',
      'gc:forget:ro+1',
      'bogus:ro+1:;#["foo",[]]',
      '',
      'deliver:ro+1:rp-40;#["foo",',
      'deliver:ro+1:rp-40;',
      'deliver:ro+1:rp-40;#["foo",["$5"]]',
      'deliver:ro+1:rp-40:rp-20;#["foo",["$0.Alleged: x"]]',
      'deliver:ro+1:rp-40;#["foo",["#nope"]]',
      'deliver:ro+1:rp-40:ro-20;#["foo",["$0.x"]]',
      'deliver:ro+1:rp-40:ro-20;#["foo",[]]',
      'deliver:ro+1:rp-40;#5',
      'deliver:ro+1:rp-40;#["foo",5]',
      `deliver:ro+1:rp-40;#["foo",["+${'9'.repeat(2_501)}"]]`,
      `deliver:ro+1:rp-40;#["foo",${'['.repeat(60)}${']'.repeat(60)}]`,
      `${'gc:dropExport:ro+1\n'.repeat(10_000)}gc:dropExport:ro+99`,
    ];
    for (const line of nonsense) {
      it(`changes nothing for "${line.slice(0, 60)}" but the count of messages`, () => {
        const machine = new CommsMachine().start().connect();
        const before = machine.tableKeys();
        expect(machine.receive(`1:0:${line}`)).to.deep.equal([]);
        expect(machine.tableKeys()).to.deep.equal(before);
        expect(machine.vatstore.get('r1.recvSeq')).to.equal('1');
        expect(machine.receive('2:0:deliver:ro+1:;#["foo",[]]')).to.deep.equal([
          ['send', 'o-60', { methargs: { body: '#["foo",[]]', slots: [] } }],
        ]);
      });
    }

    it('lets nobody fulfill a promise with a promise', () => {
      const ring = 'resolve:fulfill:rp-41:rp-42;#"&0"\nresolve:fulfill:rp-42:rp-41;#"&0"';
      for (const lines of ['resolve:fulfill:rp-41:rp-41;#"&0"', ring]) {
        const machine = new CommsMachine().start().connect();
        machine.receive('1:0:deliver:ro+1:rp-40:rp-41;#["foo",["&0"]]');
        expect(machine.receive(`2:0:${lines}`)).to.deep.equal([]);
        expect(machine.receive('3:0:resolve:fulfill:rp-41;#1')).to.deep.equal([
          ['resolve', [['p+40', false, { body: '#1', slots: [] }]]],
        ]);
      }
    });

    it('listens to nobody who acknowledges nothing, until they do', () => {
      const machine = new CommsMachine().start().connect();
      const waiting = Array.from({ length: MAX_UNACKNOWLEDGED + 1 }, (_, at) => [1, `rp-${at}`]);
      machine.receive('1:0:deliver:ro+1:rp-40;#["foo",[]]');
      machine.deliver(['notify', [['p+40', false, { body: '#1', slots: [] }]]]);
      const kept = machine.vatstore.get('r1.rq') ?? '';
      const [own] = JSON.parse(kept) as unknown[];
      machine.vatstore.set('r1.rq', JSON.stringify([own, ...waiting]));
      expect(machine.receive('2:0:deliver:ro+1:;#["foo",[]]')).to.deep.equal([]);
      machine.vatstore.set('r1.rq', kept);
      expect(machine.receive('3:1:deliver:ro+1:;#["foo",[]]')).to.have.length(1);
    });

    it('lets nobody send to what they have dropped', () => {
      const machine = new CommsMachine().start().connect();
      expect(machine.receive('1:0:gc:dropExport:ro+1')).to.deep.equal([['dropImports', ['o-60']]]);
      expect(machine.receive('2:0:deliver:ro+1:;#["foo",[]]')).to.deep.equal([]);
    });

    it('tells it of an answer that can not leave the machine', () => {
      const machine = new CommsMachine().start().connect();
      machine.receive('1:0:deliver:ro+1:rp-40;#["foo",[]]');
      const answer = ['p+40', false, { body: '#"$0.Alleged: device"', slots: ['d-70'] }];
      const [text] = transmitted(machine.deliver(['notify', [answer]]));
      expect(text).to.match(
        /^1:1:resolve:reject:rp\+40;.*d-70 can't be mentioned to other machines/,
      );
    });

    it('tells it of an answer that is too long, or mentions too much, for a message', () => {
      // In a call of the transmitter, each quote takes two characters.
      const answers = [
        { body: JSON.stringify('"'.repeat(2_000_000)), slots: [] },
        { body: JSON.stringify('x'), slots: Array.from({ length: 10_000 }, () => 'o-70') },
      ];
      const texts = answers.map(data => {
        const machine = new CommsMachine().start().connect();
        machine.receive('1:0:deliver:ro+1:rp-40;#["foo",[]]');
        const calls = machine.deliver(['notify', [['p+40', false, data]]]);
        return transmitted(calls).join();
      });
      expect(texts[0]).to.match(/^1:1:resolve:reject:rp\+40;.*is too long for other machines/);
      expect(texts[1]).to.match(/^1:1:resolve:reject:rp\+40;.*is too much for other machines/);
    });

    it('tells it in several messages of answers that are too long for one', () => {
      const machine = new CommsMachine().start().connect();
      const promises = [40, 41, 42, 43];
      for (const [index, number] of promises.entries()) {
        machine.receive(`${index + 1}:0:deliver:ro+1:rp-${number};#["foo",[]]`);
      }
      const body = `#"${'x'.repeat(3_000_000)}"`;
      const calls = machine.deliver([
        'notify',
        promises.map(number => [`p+${number}`, false, { body, slots: [] }]),
      ]);
      const texts = transmitted(calls);
      const shapes = texts.map(text => text.replaceAll(/x+/g, '…').split('\n'));
      expect(shapes).to.deep.equal([
        ['1:4:resolve:fulfill:rp+40;#"…"', 'resolve:fulfill:rp+41;#"…"'],
        ['2:4:resolve:fulfill:rp+42;#"…"', 'resolve:fulfill:rp+43;#"…"'],
      ]);
      expect(JSON.parse(machine.vatstore.get('r1.rq') ?? '')).to.deep.equal([
        [1, 'rp+40'],
        [1, 'rp+41'],
        [2, 'rp+42'],
        [2, 'rp+43'],
      ]);
      const peer = new CommsMachine().start().connect();
      for (const text of texts) expect(() => peer.receive(text)).not.to.throw();
    });

    it('refuses a message to it that is too long, and tells the sender', () => {
      const machine = new CommsMachine().start().connect();
      machine.message('o+0', 'addIngress', ['b', 5], 'p-70');
      const calls = machine.message('o+31', 'foo', ['"'.repeat(2_000_000)], 'p-71');
      expect(transmitted(calls)).to.deep.equal([]);
      expect(calls).to.have.length(1);
      expect(JSON.stringify(calls)).to.match(/p-71.*is too long for other machines/);
      expect(transmitted(machine.message('o+31', 'foo', ['short']))).to.have.length(1);
    });

    it('takes each message once and in order', () => {
      const machine = new CommsMachine().start().connect();
      const say = (head: string) => machine.receive(`${head}:deliver:ro+1:;#["foo",[]]`).length;
      expect(say('1:0')).to.equal(1);
      expect(say('1:0')).to.equal(0);
      expect(say('3:0')).to.equal(0);
      expect(say(':0')).to.equal(1);
      expect(say('3:0')).to.equal(1);
      expect(say('4:1')).to.equal(0);
      expect(machine.receive('no numbers')).to.deep.equal([]);
      expect(machine.vatstore.get('r1.recvSeq')).to.equal('3');
    });

    it('lets nobody resolve a promise twice, or one that is not theirs', () => {
      const machine = new CommsMachine().start().connect();
      machine.receive('1:0:deliver:ro+1:rp-40:rp-41;#["foo",["&0"]]');
      expect(machine.receive('2:0:resolve:fulfill:rp-40;#1')).to.deep.equal([]);
      expect(
        machine.receive('3:0:resolve:fulfill:rp-41;#1\nresolve:reject:rp-41;#2'),
      ).to.deep.equal([]);
      expect(machine.receive('4:0:resolve:fulfill:rp-41;#1')).to.deep.equal([
        ['resolve', [['p+40', false, { body: '#1', slots: [] }]]],
      ]);
      expect(machine.receive('5:0:resolve:fulfill:rp-41;#2')).to.deep.equal([]);
    });
  });

  it('answers a message that crosses the resolution of its target', () => {
    const machine = new CommsMachine().start().connect();
    machine.receive('1:0:deliver:ro+1:rp-40;#["foo",[]]');
    machine.receive('2:0:deliver:ro+1:rp-41;#["foo",[]]');
    machine.receive('3:0:deliver:ro+1:rp-42;#["foo",[]]');
    machine.deliver([
      'notify',
      [
        ['p+40', false, { body: '#"$0.Alleged: x"', slots: ['o-60'] }],
        ['p+41', false, { body: '#["$0.Alleged: x"]', slots: ['o-60'] }],
        ['p+42', true, { body: '#"sorry"', slots: [] }],
      ],
    ]);
    expect(machine.receive('4:0:deliver:rp-40:rp-43;#["bar",[]]')).to.deep.equal([
      ['send', 'o-60', { methargs: { body: '#["bar",[]]', slots: [] }, result: 'p+43' }],
      ['subscribe', 'p+43'],
    ]);
    expect(transmitted(machine.receive('5:0:deliver:rp-41:rp-44;#["bar",[]]'))).to.deep.equal([
      '2:5:resolve:reject:rp+44;#{"#error":"data is not callable, has no method bar","name":"TypeError"}',
    ]);
    expect(transmitted(machine.receive('6:0:deliver:rp-42:rp-45;#["bar",[]]'))).to.deep.equal([
      '3:6:resolve:reject:rp+45;#"sorry"',
    ]);
    // A promise that the remote has yet to learn about is resolved again for the kernel.
    expect(machine.receive('7:0:deliver:ro+1::rp-42;#["bar",["&0"]]')).to.deep.equal([
      ['send', 'o-60', { methargs: { body: '#["bar",["&0"]]', slots: ['p+44'] } }],
      ['resolve', [['p+44', true, { body: '#"sorry"', slots: [] }]]],
    ]);
    // Once it has said so, the promises are forgotten.
    machine.receive('8:3:gc:dropExport:ro+99');
    expect(machine.receive('9:3:deliver:rp-40:rp-46;#["bar",[]]')).to.deep.equal([]);
  });

  it('forgets promises that were resolved to each other, and what they held', () => {
    const machine = new CommsMachine().start().connect();
    const before = machine.tableKeys();
    machine.receive('1:0:deliver:ro+1:rp-40:rp-41:rp-42;#["foo",["&0","&1"]]');
    const calls = machine.receive(
      '2:0:resolve:fulfill:rp-41:rp-42:ro-20;#["&0","$1"]\nresolve:reject:rp-42:rp-41;#["&0"]',
    );
    expect(calls).to.deep.equal([
      [
        'resolve',
        [
          ['p+40', false, { body: '#["&0","$1"]', slots: ['p+41', 'o+31'] }],
          ['p+41', true, { body: '#["&0"]', slots: ['p+40'] }],
        ],
      ],
    ]);
    machine.deliver(['notify', [['p+42', false, { body: '#1', slots: [] }]]]);
    machine.receive('3:1:gc:dropExport:ro+99');
    expect(transmitted(machine.deliver(['dropExports', ['o+31']]))).to.deep.equal([
      '2:3:gc:dropExport:ro+20',
    ]);
    expect(transmitted(machine.deliver(['retireExports', ['o+31']]))).to.deep.equal([
      '3:3:gc:retireExport:ro+20',
    ]);
    expect(machine.tableKeys()).to.deep.equal(before);
  });

  it('takes a drop for nothing that was sent before the last mention was seen', () => {
    const machine = new CommsMachine().start().connect();
    machine.message('o+0', 'addIngress', ['b', 5]);
    machine.message('o+31', 'take', [ref('o-62')]);
    machine.message('o+31', 'take', [ref('o-62')]);
    const crossing = '1:1:gc:dropExport:ro+20\ngc:retireExport:ro+20';
    expect(machine.receive(crossing)).to.deep.equal([]);
    expect(machine.receive('2:2:gc:dropExport:ro+20')).to.deep.equal([['dropImports', ['o-62']]]);
    // Mentioned again, it is reachable again, under the same number.
    const again = machine.message('o+31', 'take', [ref('o-62')]);
    expect(transmitted(again)[0]).to.match(/^3:2:deliver:ro\+5::ro-20;/);
    expect(machine.receive('3:3:gc:dropExport:ro+20\ngc:retireExport:ro+20')).to.deep.equal([
      ['dropImports', ['o-62']],
      ['retireImports', ['o-62']],
    ]);
    expect(machine.receive('4:3:gc:retireExport:ro+20')).to.deep.equal([]);
  });

  it('tells both sides when the owner retires an object', () => {
    const machine = new CommsMachine().start().connect();
    expect(machine.receive('1:0:gc:dropExport:ro+1')).to.deep.equal([['dropImports', ['o-60']]]);
    expect(transmitted(machine.deliver(['retireImports', ['o-60']]))).to.deep.equal([
      '1:1:gc:retireImport:ro-1',
    ]);
    machine.message('o+0', 'addIngress', ['b', 5]);
    machine.deliver(['dropExports', ['o+31']]);
    expect(machine.receive('2:2:gc:retireImport:ro-5')).to.deep.equal([
      ['retireExports', ['o+31']],
    ]);
    expect(machine.tableKeys()).to.deep.equal([]);
  });

  it('keeps its transmitter, even when a remote drops the same object', () => {
    const machine = new CommsMachine().start().connect();
    machine.message('o+0', 'addEgress', ['b', 2, ref('o-50')]);
    expect(machine.receive('1:0:gc:dropExport:ro+2\ngc:retireExport:ro+2')).to.deep.equal([]);
    machine.message('o+0', 'addIngress', ['b', 5]);
    expect(transmitted(machine.message('o+31', 'hello', []))).to.have.length(1);
  });

  it('connects remotes with each other', () => {
    const machine = new CommsMachine().start().connect();
    machine.message('o+0', 'addRemote', ['c', ref('o-52'), ref('o-53')]);
    machine.message('o+0', 'addIngress', ['c', 3]);
    machine.message('o+0', 'addEgress', ['b', 4, ref('o+32')]);
    const toC = machine.receive('1:0:deliver:ro+4:rp-40:ro-20:rp-41;#["foo",["$0","&1"]]');
    expect(toC[0]?.[1]).to.equal('o-52');
    expect(transmitted(toC)).to.deep.equal([
      '1:0:deliver:ro+3:rp-1040:ro-1020:rp-1041;#["foo",["$0","&1"]]',
    ]);
    const fromC = (text: string) => machine.message('o+31', 'receive', [text]);
    expect(transmitted(fromC('1:1:resolve:fulfill:rp+1040:ro+1020;#"$0"'))).to.deep.equal([
      '1:1:resolve:fulfill:rp+40:ro+20;#"$0"',
    ]);
    expect(transmitted(machine.receive('2:1:resolve:fulfill:rp-41;#1'))).to.deep.equal([
      '2:1:resolve:fulfill:rp-1041;#1',
    ]);
    const collected = fromC('2:2:gc:dropExport:ro+1020\ngc:retireExport:ro+1020');
    expect(collected[0]?.[1]).to.equal('o-50');
    expect(transmitted(collected)).to.deep.equal([
      '2:2:gc:dropExport:ro+20\ngc:retireExport:ro+20',
    ]);
  });
});
