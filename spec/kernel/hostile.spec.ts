import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import { KernelNotRunningError } from '../../lib/kernel/delivery/errors.js';
import { sourceOf } from '../support/swingset.js';
import { startDemo, type Demo } from './support/demo.js';

const data = (body: unknown, ...slots: string[]) => ({ body: `#${JSON.stringify(body)}`, slots });

const alleged = (vref: string) => ({ body: '#"&0"', slots: [vref] });

const beginningWith = (text: string) =>
  new RegExp(`^${text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}`);

describe('a vat that keeps to no rules', () => {
  let demo: Demo;
  beforeEach(async () => {
    demo = await startDemo('local', {
      config: {
        vats: {
          raw: {
            sourceSpec: sourceOf(import.meta.url, './vats/raw.js'),
            creationOptions: { managerType: 'local', enableSetup: true },
          },
        },
      },
    });
  });

  const offences: readonly (readonly [what: string, syscall: readonly unknown[], why: string])[] = [
    [
      'sends to an import that it never got',
      ['send', 'o-999', data(['x', []])],
      'unknown import o-999',
    ],
    [
      'sends to a malformed reference',
      ['send', 'ko20', data(['x', []])],
      'malformed reference in a syscall',
    ],
    [
      'mentions an import that it never got',
      ['send', 'o+5', data(['x', ['$0']], 'o-998')],
      'unknown import o-998',
    ],
    [
      'exports a device node',
      ['send', 'o+5', data(['x', ['$0.Alleged: d']], 'd+1')],
      "a vat can't export a device node (d+1)",
    ],
    [
      'calls an object as if it were a device',
      ['callNow', 'o+5', 'method', data([])],
      'callNow to o+5, which is no device node',
    ],
    [
      'resolves a promise that it never got',
      ['resolve', [['p-777', false, data('x')]]],
      'unknown import p-777',
    ],
    [
      'fulfills a promise with another one',
      ['resolve', [['p+5', false, alleged('p+6')]]],
      "p+5 can't be fulfilled with a promise",
    ],
    [
      'fulfills a promise with itself',
      ['resolve', [['p+5', false, { body: '{"@qclass":"slot","index":0}', slots: ['p+5'] }]]],
      "p+5 can't be fulfilled with a promise",
    ],
    [
      'fulfills two promises with each other',
      [
        'resolve',
        [
          ['p+5', false, alleged('p+6')],
          ['p+6', false, alleged('p+5')],
        ],
      ],
      "p+5 can't be fulfilled with a promise",
    ],
    ['drops what it does not import', ['dropImports', ['o-997']], 'o-997 is not an object import'],
    ['retires what others reach', ['retireExports', ['o+0']], 'o+0 is still reachable'],
    ['abandons its root', ['abandonExports', ['o+0']], 'a vat keeps its root'],
    [
      'sends what nobody can read',
      ['send', 'o+5', { body: 'garbage', slots: [] }],
      'unreadable data {"body":"garbage"',
    ],
    [
      'sends references that are not there',
      ['send', 'o+5', data(['x', ['$7']])],
      'unreadable data {"body":"#[\\"x\\",[\\"$7\\"]]"',
    ],
    [
      'leaves with words that nobody can read',
      ['exit', false, { body: 'garbage', slots: [] }],
      'unreadable data {"body":"garbage"',
    ],
    ['says nothing that the kernel knows', ['vatstoreSet', 5, {}], 'malformed syscall'],
  ];
  for (const [what, syscall, why] of offences) {
    it(`ends when it ${what}, and nobody else does`, async () => {
      expect(await demo.host('send', 'raw', 'do', [syscall])).to.deep.equal([
        'rejected',
        'vat terminated',
      ]);
      expect(await demo.host('send', 'alice', 'echo', 1)).to.deep.equal(['fulfilled', [1]]);
      const names = demo.controller.getStatus().activeVats.map(({ options }) => options.name);
      expect(names).not.to.include('raw');
      const reasons = demo.console.filter(line => line.startsWith('illegal syscall of '));
      expect(reasons).to.have.length(1);
      expect(reasons[0]).to.match(beginningWith(`illegal syscall of v5: ${why}`));
    });
  }

  it('may hold a syscall error in its hand and is ended all the same', async () => {
    const steps = [
      ['vatstoreSet', 'key', 'undone'],
      ['retireImports', ['o-50']],
    ];
    expect(await demo.host('send', 'raw', 'do', steps)).to.deep.equal([
      'rejected',
      'vat terminated',
    ]);
  });

  it('may reject a promise with a promise, and fulfill it with a list that holds one', async () => {
    const steps = [
      [
        'resolve',
        [
          ['p+5', true, alleged('p+7')],
          ['p+6', false, data(['&0'], 'p+7')],
          ['p+7', false, data('at last')],
        ],
      ],
    ];
    expect(await demo.host('send', 'raw', 'do', steps)).to.deep.equal(['fulfilled', 'done']);
  });

  it('reads back the same text from a cache and from the store', async () => {
    await demo.host('send', 'raw', 'do', [['vatstoreSet', 'k\udfff', 'x\udfff']]);
    const raw = demo.controller.vatNameToID('raw');
    expect(demo.kernelStorage.kvStore.get(`${raw}.vs.k\ufffd`)).to.equal('x\ufffd');
  });

  it('reads an empty value as none, as in SwingSet, though its key counts', async () => {
    const raw = demo.controller.vatNameToID('raw');
    demo.slog.length = 0;
    const steps = [
      ['vatstoreSet', 'void', ''],
      ['vatstoreGet', 'void'],
      ['vatstoreGetNextKey', 'voic'],
    ];
    await demo.host('send', 'raw', 'do', steps);
    const answers = demo.slog
      .filter(({ type, vatID }) => type === 'syscall-result' && vatID === raw)
      .map(({ ksr }) => ksr);
    expect(answers.slice(0, 3)).to.deep.equal([
      ['ok', null],
      ['ok', null],
      ['ok', 'void'],
    ]);
  });
});

describe('a vat that makes others', () => {
  const names = ['a\0b', 'x'.repeat(200_000), '', 'x y', 'a:b', 'a/b', 'a\nb', 'é'];

  it('gives them names that a process can bear, or is refused', async () => {
    const demo = await startDemo('xsnap');
    for (const name of names) {
      const [status, reason] = (await demo.host('createVat', 'carol', 'contract', {
        name,
      })) as string[];
      expect(status, name.slice(0, 20)).to.equal('rejected');
      expect(reason).to.contain(name.length > 199 ? 'oversized vat name' : 'bad vat name');
    }
    const name = 'x'.repeat(195) + '_.-9';
    expect(await demo.host('createVat', 'carol', 'contract', { name })).to.equal('created');
    expect(await demo.host('send', 'carol', 'echo', 1)).to.deep.equal(['fulfilled', [1]]);
  });

  it('is refused what vat-admin would not let through also if it holds the device', async () => {
    const demo = await startDemo('local', {
      config: {
        vats: { meddler: { sourceSpec: sourceOf(import.meta.url, './vats/meddler.js') } },
      },
    });
    const bundleID = demo.kernelStorage.kvStore.get('namedBundleID.contract');
    const before = demo.controller.getStatus().activeVats.length;
    for (const options of [
      ...names.map(name => ({ name })),
      { name: 5 },
      { managerType: 'nodeWorker' },
      { critical: 'yes' },
      { reapInterval: 'sometimes' },
      { useTranscript: 1 },
      { enableSetup: 0 },
    ]) {
      expect(
        await demo.host('relay', 'meddler', 'call', 'device:vatAdmin', 'createByBundleID', [
          bundleID,
          { critical: false, ...options },
        ]),
      ).to.deep.equal([
        'rejected',
        'syscall.callNow failed: device.invoke failed, see logs for details',
      ]);
    }
    expect(
      await demo.host('relay', 'meddler', 'call', 'device:vatAdmin', 'changeOptions', [
        demo.controller.vatNameToID('alice'),
        { reapInterval: 'sometimes' },
      ]),
    ).to.have.property('0', 'rejected');
    expect(
      await demo.host('relay', 'meddler', 'call', 'device:vatAdmin', 'upgradeVat', [
        demo.controller.vatNameToID('alice'),
        bundleID,
        {},
        { message: 'none' },
      ]),
    ).to.have.property('0', 'rejected');
    expect(demo.controller.getStatus().activeVats.length).to.equal(before);
    // As SwingSet's own vat-admin passes it on, in stores that it made.
    const [status] = (await demo.host(
      'relay',
      'meddler',
      'call',
      'device:vatAdmin',
      'createByBundleID',
      [bundleID, { critical: false, managerType: 'xs-worker', name: 'by-hand' }],
    )) as string[];
    expect(status).to.equal('fulfilled');
    const made = demo.controller
      .getStatus()
      .activeVats.find(({ options }) => options.name === 'by-hand');
    expect(made?.options.workerOptions.type).to.equal('xsnap');
  });
});

describe('a vat that fails with its last words', () => {
  it('may name what the crank made: that is undone, and the kernel goes on', async () => {
    const demo = await startDemo('local');
    await demo.host('createVat', 'carol', 'contract');
    expect(await demo.host('send', 'carol', 'exitNaming')).to.deep.equal([
      'rejected',
      'vat terminated',
    ]);
    expect(await demo.host('outcome', 'carol:done')).to.deep.equal([
      'rejected',
      'the vat failed; its reason named things that were undone',
    ]);
    expect(await demo.host('send', 'alice', 'echo', 1)).to.deep.equal(['fulfilled', [1]]);
  });
});

describe('calls of the host', () => {
  it('go through as a whole or not at all', async () => {
    const demo = await startDemo('local');
    const dump = () => JSON.stringify(demo.store.debug.dump().kvEntries);
    const before = dump();
    expect(() => demo.controller.queueToVatRoot('alice', 'hold', [kslot('ko9999')])).to.throw(
      /ko9999/,
    );
    expect(dump()).to.equal(before);
    expect(() => demo.controller.queueToVatRoot('nobody', 'hold', [])).to.throw(
      BadOptionError,
      /nobody/,
    );
  });

  it('may ask for bringOutYourDead before any vat has begun', async () => {
    const demo = await startDemo('local', { worker: 'local' });
    expect(demo.controller.reapAllVats()).to.have.property('v1');
    await demo.run();
    expect(await demo.host('send', 'alice', 'echo', 1)).to.deep.equal(['fulfilled', [1]]);
  });

  it('end a run whose vat never comes back, when they ask for the shutdown', async () => {
    const demo = await startDemo('xsnap', { checkAtEnd: false });
    demo.controller.queueToVatRoot('alice', 'spin', []);
    const run = demo.controller.run();
    const outcome = run.then(
      () => 'went on',
      (error: unknown) => error,
    );
    const spinning = () =>
      demo.slog.some(({ type, kd }) => type === 'deliver' && JSON.stringify(kd).includes('spin'));
    while (!spinning()) await new Promise(setImmediate);
    await demo.controller.shutdown();
    expect(await outcome).to.be.instanceOf(KernelNotRunningError);
    let refusal: unknown;
    await demo.hostStorage.commit().catch((error: unknown) => (refusal = error));
    expect(refusal).to.have.property('code', 'STORE_USAGE');
  });
});
