/**
 * Errors that reach vats are part of what they compute, and hosts match on messages. So the same
 * faults are made on SwingSet's kernel and on this one, and their texts compared.
 */
import * as swingset from '@agoric/swingset-vat';
import { expect } from 'chai';
import * as here from '../../lib/index.js';
import { errorText } from '../../lib/errors.js';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import type { Bundle } from '../../lib/store/types.js';
import { startOriginal, type EitherLife } from '../support/original.js';
import { bundleOf, withBundles } from '../support/shared-bundles.js';
import { sourceOf, startLife } from '../support/swingset.js';

type Library = Pick<typeof here, 'buildTimer' | 'buildBridge' | 'initializeSwingset'>;

interface Fault {
  /** The methods called, and what is wrong. */
  readonly title: string;
  readonly commit: (life: EitherLife, library: Library) => unknown;
  /** Hosts get typed errors here, so names are not compared. */
  readonly byHost?: true;
  /** The text here, if SwingSet's is not its beginning; docs/differences.md says why. */
  readonly here?: RegExp;
}

const source = (name: string) => ({ sourceSpec: sourceOf(import.meta.url, `./vats/${name}.js`) });

/** @see ./vats/faults.js for the notation of arguments */
const send = (as: string, target: string, method: string, ...args: readonly unknown[]) => {
  return (life: EitherLife) => life.call('user', 'send', as, target, method, ...args);
};
const inVat = (
  title: string,
  [target, method, ...args]: readonly [string, string, ...unknown[]],
  hereText?: RegExp,
): Fault => ({
  title,
  commit: send('unused', target, method, ...args),
  ...(hereText && { here: hereText }),
});
const inDevice = (title: string, ...call: readonly unknown[]): Fault => ({
  title,
  commit: life => life.call('user', 'callNow', ...call),
});
const inHost = (title: string, commit: Fault['commit'], hereText?: RegExp): Fault => ({
  title,
  commit,
  byHost: true,
  ...(hereText && { here: hereText }),
});

const absentID = `b1-${'0'.repeat(128)}`;
const unfit = { vatParameters: { fail: 'unfit' } };

const ofVatAdmin: readonly Fault[] = [
  inVat('getNamedBundleCap: no such name', ['$service', 'getNamedBundleCap', 'absent']),
  inVat('getBundleIDByName: no such name', ['$service', 'getBundleIDByName', 'absent']),
  inVat('getBundleCap: not installed', ['$service', 'getBundleCap', absentID]),
  inVat('getBundleCap: no bundleID', ['$service', 'getBundleCap', 'nonsense']),
  inVat('waitForBundleCap: no bundleID', ['$service', 'waitForBundleCap', 'nonsense']),
  inVat('createVat: no bundlecap', ['$service', 'createVat', '%thing']),
  inVat('createVat: no bundle', ['$service', 'createVat', {}]),
  inVat('createVat: a text', ['$service', 'createVat', 'contract']),
  inVat('createVat: nothing', ['$service', 'createVat'], /^Error: createVat\(bundle\) does not/),
  inVat('createVatByName: no such name', ['$service', 'createVatByName', 'absent']),
  inVat('createVatByName: no name', ['$service', 'createVatByName', 7]),
  ...[
    { bogus: 1 },
    { bogus: 1, another: 2 },
    { name: 'x'.repeat(300) },
    { name: 'a b' },
    { name: '' },
    { name: 5 },
    { managerType: 'bogus' },
    { managerType: 5 },
    { nodeOptions: ['--expose-gc'] },
    { enableSetup: 1 },
    { enablePipelining: 'x' },
    { useTranscript: 1 },
    { reapInterval: 'x' },
    { critical: true },
  ].map(options =>
    inVat(`createVat: ${JSON.stringify(options).slice(0, 50)}`, [
      '$service',
      'createVat',
      '$contract',
      options,
    ]),
  ),
  inVat('createVat: its code refuses', ['$service', 'createVat', '$contract', unfit]),
  inVat('createVat: a bundle without buildRootObject', ['$service', 'createVat', '$nothing']),
  inVat('createMeter: negative', ['$service', 'createMeter', -1n, 1n]),
  inVat('createMeter: a text', ['$service', 'createMeter', 'x', 1n]),
  inVat('createMeter: nothing', ['$service', 'createMeter']),
  inVat('meter.addRemaining: negative', ['$meter', 'addRemaining', -1n]),
  inVat('meter.setThreshold: a fraction', ['$meter', 'setThreshold', 1.5]),
  inVat('adminNode.upgrade: no bundlecap', ['$carol.adminNode', 'upgrade', '%thing']),
  inVat('adminNode.upgrade: unknown options', [
    '$carol.adminNode',
    'upgrade',
    '$contract',
    { bogus: 1, another: 2 },
  ]),
  inVat('adminNode.upgrade: no message', [
    '$carol.adminNode',
    'upgrade',
    '$contract',
    { upgradeMessage: 5 },
  ]),
  inVat('adminNode.upgrade: its code refuses', ['$carol.adminNode', 'upgrade', '$contract', unfit]),
  inVat('adminNode.changeOptions: unknown', ['$carol.adminNode', 'changeOptions', { bogus: 1 }]),
  ...['x', -1].map(reapInterval =>
    inVat(`adminNode.changeOptions: ${reapInterval}`, [
      '$carol.adminNode',
      'changeOptions',
      { reapInterval },
    ]),
  ),
  ...['terminateWithFailure', 'done', 'upgrade', 'changeOptions'].map(method =>
    inVat(`adminNode.${method}: an ended vat`, ['$dave.adminNode', method, '$contract']),
  ),
  inVat('a message to an ended vat', ['$dave.root', 'echo']),
];

const ofSystemVats: readonly Fault[] = [
  inVat('setWakeup: no handler', ['$timerService', 'setWakeup', 5n, 5]),
  inVat('setWakeup: negative', ['$timerService', 'setWakeup', -5n, '%handler']),
  inVat(
    'setWakeup: a text',
    ['$timerService', 'setWakeup', 'x', '%handler'],
    /^TypeError: timestamp: absValue must be a bigint, not string$/,
  ),
  inVat('delay: negative', ['$timerService', 'delay', -5n]),
  inVat('repeatAfter: negative', ['$timerService', 'repeatAfter', -1n, 5n, '%handler']),
  inVat('repeatAfter: an interval of 0', ['$timerService', 'repeatAfter', 1n, 0n, '%handler']),
  inVat('makeRepeater: an interval of 0', ['$timerService', 'makeRepeater', 1n, 0n]),
  inVat('makeNotifier: an interval of 0', ['$timerService', 'makeNotifier', 1n, 0n]),
  inVat('repeater.schedule: no handler', ['$repeater', 'schedule', 5]),
  inVat('repeater.schedule: nothing', ['$repeater', 'schedule']),
  inVat('vattp.addRemote: twice', ['$vattp', 'addRemote', 'b']),
  inVat('setReceiver: nothing', ['$remote.setReceiver', 'setReceiver']),
  inVat('makeNetworkHost: twice', ['$vattp', 'makeNetworkHost', 'host', '$comms']),
  {
    title: 'a message to a number that is yet to come',
    commit: life => life.call('user', 'pipeline', '$bob', 'echo', 'ping'),
  },
];

const ofDevices: readonly Fault[] = [
  inDevice('a method that the vatAdmin device does not have', '$vatAdminDevice', 'bogus'),
  inDevice('a method that the timer device does not have', '$timerDevice', 'bogus'),
  inDevice('a method that a bundlecap does not have', '$contract', 'bogus'),
  inDevice('a meter that does not exist', '$vatAdminDevice', 'getMeter', 'm77'),
  inDevice('an object that is no device', '$bob', 'ping'),
  inDevice('a promise among the arguments', '$timerDevice', 'setWakeup', '&'),
  inDevice(
    "another device's node among the arguments",
    '$bridgeDevice',
    'callOutbound',
    '$timerDevice',
  ),
  inVat('a promise in a syscall, which ends the vat', [
    '$raw',
    'go',
    [['callNow', 'd-70', 'getMeter', { body: '#["&0"]', slots: ['p+5'] }]],
    '$vatAdminDevice',
  ]),
  inHost('a message to the vat that this ended', life =>
    life.controller.queueToVatRoot('raw', 'go'),
  ),
];

const ofHosts = (bundle: Bundle): readonly Fault[] => [
  inHost('queueToVatRoot: no such vat', life => life.controller.queueToVatRoot('nobody', 'ping')),
  inHost('pinVatRoot: no such vat', life => life.controller.pinVatRoot('nobody')),
  inHost('vatNameToID: no such vat', life => life.controller.vatNameToID('nobody')),
  inHost('upgradeStaticVat: no such vat', life =>
    life.controller.upgradeStaticVat('nobody', false, absentID, {}),
  ),
  inHost('validateAndInstallBundle: another bundle', life =>
    life.controller.validateAndInstallBundle(bundle, absentID),
  ),
  inHost('kpResolution: too early', life => {
    const kpid = life.controller.queueToVatRoot('bob', 'echo', [1]);
    return life.controller.kpResolution(kpid);
  }),
  inHost(
    'run: twice at once',
    async life => {
      const { controller } = life;
      controller.queueToVatRoot('bob', 'echo', [1]);
      const [, second] = await Promise.allSettled([controller.run(), controller.run()]);
      if (second?.status === 'rejected') throw second.reason;
    },
    /^KernelBusyError: Kernel reentrancy is forbidden: /,
  ),
  ...[0, -1, 'often', undefined].flatMap(value =>
    ['defaultReapInterval', 'defaultReapGCKrefs'].map(option =>
      inHost(`changeKernelOptions: ${option} ${value}`, life =>
        life.controller.changeKernelOptions({ [option]: value }),
      ),
    ),
  ),
  inHost('changeKernelOptions: unknown', life => life.controller.changeKernelOptions({ bogus: 1 })),
  inHost('initializeSwingset: twice', ({ kernelStorage }, { initializeSwingset }) =>
    initializeSwingset({ vats: { bob: { bundle } } }, [], kernelStorage),
  ),
  inHost('a message to a static vat that the host ended', async life => {
    const { controller } = life;
    controller.terminateVat(controller.vatNameToID('bob'), { body: '#"enough"', slots: [] });
    await life.run();
    controller.queueToVatRoot('bob', 'echo', [1]);
  }),
  // It ends the kernel, so it comes last.
  inHost('a rejection that is to stop the kernel', life => {
    life.controller.queueToVatRoot('user', 'send', ['x', '$nobody', 'ping'], 'panic');
    return life.run();
  }),
];

const start = async (
  startOne: (options: Parameters<typeof startOriginal>[0]) => Promise<EitherLife>,
  { buildTimer, buildBridge }: Library,
): Promise<EitherLife> => {
  const timer = buildTimer();
  const bridge = buildBridge(() => undefined);
  const config: SwingSetConfig = {
    bootstrap: 'user',
    pinBootstrapRoot: true,
    // Each would collect the garbage of the whole process.
    defaultReapInterval: 'never',
    vats: {
      user: source('faults'),
      bob: { ...source('demo/contract'), parameters: { who: 'bob' } },
      raw: { ...source('raw'), creationOptions: { enableSetup: true } },
    },
    bundles: { contract: source('demo/contract'), nothing: source('nothing') },
    devices: {
      timer: { sourceSpec: timer.srcPath },
      bridge: { sourceSpec: bridge.srcPath },
    },
  };
  const life = await startOne({
    config: await withBundles(config),
    worker: 'local',
    deviceEndowments: { timer: timer.endowments, bridge: bridge.endowments },
    initialization: { addComms: true, addVattp: true, addTimer: true },
  });
  await life.run();
  life.controller.pinVatRoot('raw');
  for (const step of [
    send('contract', '$service', 'getNamedBundleCap', 'contract'),
    send('nothing', '$service', 'getNamedBundleCap', 'nothing'),
    send('meter', '$service', 'createMeter', 100n, 1n),
    send('carol', '$service', 'createVat', '$contract', { name: 'carol' }),
    send('dave', '$service', 'createVat', '$contract', { name: 'dave' }),
    send('unused', '$dave.adminNode', 'terminateWithFailure', 'enough'),
    send('repeater', '$timerService', 'makeRepeater', 1n, 5n),
    send('remote', '$vattp', 'addRemote', 'b'),
    send('host', '$vattp', 'makeNetworkHost', 'host', '$comms', '%console'),
  ]) {
    await step(life);
  }
  return life;
};

const textOfFault = async (
  life: EitherLife,
  library: Library,
  { commit }: Fault,
): Promise<string | undefined> => {
  try {
    await commit(life, library);
    return undefined;
  } catch (error) {
    return `${(error as Error).name}: ${errorText(error)}`;
  }
};

/** Without IDs, which are those of one kernel. */
const comparable = (text: string, { byHost }: Fault): string =>
  (byHost ? text.replace(/^\w*Error: /, '') : text).replaceAll(/\b(kp|v)[0-9]+\b/g, '$1N');

describe('the texts of errors, beside SwingSet', () => {
  const texts = new Map<string, { theirs: string | undefined; ours: string | undefined }>();
  let all: readonly Fault[];

  before(async () => {
    all = [
      ...ofVatAdmin,
      ...ofSystemVats,
      ...ofDevices,
      ...ofHosts(await bundleOf(sourceOf(import.meta.url, './vats/demo/contract.js'))),
    ];
    const library = swingset as unknown as Library;
    const original = await start(startOriginal, library);
    const theirs: (string | undefined)[] = [];
    for (const fault of all) theirs.push(await textOfFault(original, library, fault));
    await original.close();
    const life = await start(options => startLife({ ...options, checkAtEnd: false }), here);
    for (const [index, fault] of all.entries()) {
      texts.set(fault.title, {
        theirs: theirs[index],
        ours: await textOfFault(life, here, fault),
      });
    }
  });

  const expectAlike = (fault: Fault): void => {
    const { theirs = '', ours = '' } = texts.get(fault.title) ?? {};
    expect(theirs, 'SwingSet accepts it').to.not.equal('');
    const expected = comparable(theirs, fault);
    if (fault.here) {
      expect(ours).to.match(fault.here);
      expect(comparable(ours, fault)).to.not.satisfy((text: string) => text.startsWith(expected));
    } else {
      expect(comparable(ours, fault).slice(0, expected.length)).to.equal(expected);
    }
  };

  for (const [who, faults] of Object.entries({
    vatAdmin: ofVatAdmin,
    'the other system vats': ofSystemVats,
    devices: ofDevices,
    hosts: ofHosts({} as Bundle),
  })) {
    describe(`of ${who}`, () => {
      for (const fault of faults) it(fault.title, () => expectAlike(fault));
    });
  }
});
