import { kslot, kunser } from '@agoric/kmarshal';
import { expect } from 'chai';
import type { SwingsetController } from '../../lib/controller/types.js';
import type { CapData } from '../../lib/types/messages.js';
import { startLife, type Life, type RebootOptions } from '../support/swingset.js';
import { disconnection, makeConfig, vatIDs } from './support/fixture.js';

/** What a host keeps from one life to the next: names, krefs and kpids, and not a single pin. */
interface Kept {
  readonly durable: string;
  readonly ephemeral: string;
  readonly result: string;
  readonly pending: string;
  readonly inner: string;
  readonly subject: string;
}

const carol = 'v5';

const start = async (): Promise<{ life: Life; kept: Kept }> => {
  const life = await startLife({
    config: { ...makeConfig({ withSwitch: true }), pinBootstrapRoot: false },
    worker: 'local',
    platformEpoch: 1,
    deviceEndowments: { switch: { isOff: () => false } },
  });
  await life.run();
  await life.call('boot', 'create', 'carol');
  const ask = async (method: string, ...args: unknown[]) => {
    const kpid = life.controller.queueToVatRoot('bob', method, args);
    await life.run();
    return kpid;
  };
  const read = async (method: string) => life.controller.kpResolution(await ask(method)).slots[0]!;
  const kept = {
    durable: await read('getThing'),
    ephemeral: await read('getEphemeral'),
    inner: await read('wrapLater'),
    result: await ask('lives'),
    pending: await ask('never'),
    subject: life.kernelStorage.kvStore.get('namedBundleID.subject') ?? '',
  };
  life.controller.reapAllVats();
  await life.run();
  return { life, kept };
};

const valueOf = ({ body, slots }: CapData): unknown => kunser({ body, slots: [...slots] });

/** What became of a message. */
const outcome = async (life: Life, kpid: string): Promise<unknown> => {
  await life.run();
  const state = life.controller.kpStatus(kpid);
  if (state === 'unresolved') return state;
  const value: unknown = valueOf(life.controller.kpResolution(kpid));
  return [state, value instanceof Error ? value.message : value];
};

type Call = (life: Life, kept: Kept) => unknown;

const send =
  (queue: (controller: SwingsetController, kept: Kept) => string): Call =>
  (life, kept) =>
    outcome(life, queue(life.controller, kept));

/** Every method that takes a name, a kref, a kpid or another ID, in this order. */
const calls: readonly [what: string, call: Call, before: unknown, after: unknown][] = [
  ['vatNameToID', ({ controller }) => controller.vatNameToID('bob'), 'v4', 'v4'],
  ['deviceNameToID', ({ controller }) => controller.deviceNameToID('switch'), 'd7', 'd7'],
  ['getRootObject', ({ controller }) => controller.getRootObject(vatIDs.bob), 'ko22', 'ko22'],
  ['pinVatRoot', ({ controller }) => controller.pinVatRoot('bob'), 'ko22', 'ko22'],
  ...(
    [
      ['boot', 'counts', [1, 1], [1, 2]],
      ['alice', 'lives', 1, 2],
      ['bob', 'lives', 1, 2],
    ] as const
  ).map(([name, method, before, after]): [string, Call, unknown, unknown] => [
    `queueToVatRoot of ${name}`,
    send(controller => controller.queueToVatRoot(name, method)),
    ['fulfilled', before],
    ['fulfilled', after],
  ]),
  [
    'queueToVatRoot without a result',
    ({ controller }) => controller.queueToVatRoot('bob', 'bump', [], 'none'),
    undefined,
    undefined,
  ],
  [
    'queueToVatObject, to a durable object',
    send((controller, { durable }) => controller.queueToVatObject(kslot(durable), 'use')),
    ['fulfilled', 'thing used 1'],
    ['fulfilled', 'thing used 1'],
  ],
  [
    'queueToVatObject, to an object that was not durable',
    send((controller, { ephemeral }) => controller.queueToVatObject(kslot(ephemeral), 'use')),
    ['fulfilled', 'ephemeral used'],
    ['rejected', 'vat terminated'],
  ],
  [
    'queueToVatObject, to a promise',
    send((controller, { pending }) =>
      controller.queueToVatObject(kslot(pending, 'a promise'), 'use'),
    ),
    'unresolved',
    ['rejected', disconnection(2, 0)],
  ],
  [
    'queueToVatRoot, with all of them as arguments',
    send((controller, { durable, ephemeral, pending, inner }) =>
      controller.queueToVatRoot('alice', 'count', [
        ...[durable, ephemeral].map(kref => kslot(kref)),
        ...[pending, inner].map(kpid => kslot(kpid, 'a promise')),
      ]),
    ),
    ['fulfilled', 4],
    ['fulfilled', 4],
  ],
  [
    'kpStatus',
    ({ controller }, { result, pending, inner }) =>
      [result, pending, inner].map(kpid => controller.kpStatus(kpid)),
    ['fulfilled', 'unresolved', 'unresolved'],
    ['fulfilled', 'rejected', 'rejected'],
  ],
  [
    'kpRegisterInterest',
    ({ controller }, { pending, inner }) => {
      for (const kpid of [pending, inner]) controller.kpRegisterInterest(kpid);
    },
    undefined,
    undefined,
  ],
  ['kpResolution', ({ controller }, { result }) => valueOf(controller.kpResolution(result)), 1, 1],
  [
    'kpResolution of a promise in a result',
    ({ controller }, { inner }) =>
      controller.kpStatus(inner) === 'unresolved' || valueOf(controller.kpResolution(inner)),
    true,
    disconnection(2, 0),
  ],
  ...(['pauseVat', 'unpauseVat', 'suspendVat', 'resumeVat'] as const).map(
    (name): [string, Call, unknown, unknown] => [
      name,
      async ({ controller }) => {
        for (const vatID of [vatIDs.bob, carol]) await controller[name](vatID);
      },
      undefined,
      undefined,
    ],
  ),
  [
    'upgradeStaticVat',
    send((controller, { subject }) => controller.upgradeStaticVat('bob', true, subject)),
    ['fulfilled', { incarnationNumber: 2 }],
    ['fulfilled', { incarnationNumber: 3 }],
  ],
  [
    'terminateVat',
    async (life, { durable }) => {
      life.controller.terminateVat(carol, { body: '#"$0"', slots: [durable] });
      await life.run();
    },
    undefined,
    undefined,
  ],
  ['reapAllVats', ({ controller }) => Object.keys(controller.reapAllVats()).length, 4, 4],
  ['snapshotAllVats', ({ controller }) => controller.snapshotAllVats(), [], []],
];

const modes: readonly [string, RebootOptions][] = [
  ['eager', { platformEpoch: 2 }],
  ['lazy', { platformEpoch: 2, platformRestart: { mode: 'lazy' } }],
];

describe("a host's next call, on a store that never pinned anything", () => {
  const expectAnswers = async (which: 2 | 3, options?: RebootOptions) => {
    const { life, kept } = await start();
    if (options) await life.reboot(options);
    const answers: [string, unknown][] = [];
    for (const [what, call] of calls) answers.push([what, await call(life, kept)]);
    expect(answers).to.deep.equal(calls.map(row => [row[0], row[which]]));
    await life.run();
    const names = life.controller.getStatus().activeVats.map(vat => vat.options.name);
    expect(names).to.deep.equal(['boot', 'vatAdmin', 'alice', 'bob']);
  };

  it('is answered before an epoch', () => expectAnswers(2));

  for (const [mode, options] of modes) {
    it(`is answered after an epoch (${mode})`, () => expectAnswers(3, options));
  }
});
