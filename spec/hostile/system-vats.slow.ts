/**
 * Every method of the system vats that other vats may reach, with arguments as large as a message may
 * be. Whoever calls one may be refused; the system vat, which serves everyone, must live on. vat-admin
 * is not among them: it trusts those who make vats.
 */
import { expect } from 'chai';
import { buildTimer } from '../../lib/devices/timer/timer.js';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { withBundles } from '../support/shared-bundles.js';
import { sourceOf, startLife, type Life } from '../support/swingset.js';

type Call = readonly [target: string, method: string, ...args: unknown[]];

const kinds = ['text', 'key', 'brand', 'relativeBrand', 'errors'].map(kind => `~${kind}`);

/** Methods and how many arguments they take. */
const methods: readonly (readonly [target: string, method: string, args: number])[] = [
  ['timerService', 'setWakeup', 3],
  ['timerService', 'wakeAt', 2],
  ['timerService', 'delay', 2],
  ['timerService', 'makeRepeater', 2],
  ['timerService', 'repeatAfter', 4],
  ['timerService', 'makeNotifier', 3],
  ['timerService', 'cancel', 1],
  ['brand', 'isMyTimerService', 1],
  ['vattp', 'addRemote', 1],
  ['vattp', 'makeNetworkHost', 2],
  ['transmitter', 'transmit', 1],
  ['comms', 'addRemote', 3],
  ['comms', 'addEgress', 3],
  ['comms', 'addIngress', 3],
  ['remote', 'anything', 2],
];

/** Good arguments that lead further into the method than bad ones. */
const good: Readonly<Record<string, readonly unknown[]>> = {
  'timerService.setWakeup': [5, '$victim'],
  'timerService.wakeAt': [5],
  'timerService.delay': [5],
  'timerService.makeRepeater': [5, 5],
  'timerService.repeatAfter': [5, 5, '$victim'],
  'timerService.makeNotifier': [5, 5],
  'comms.addRemote': ['another', '$transmitter', '$victim'],
  'comms.addEgress': ['peer', 9, '$victim'],
  'comms.addIngress': ['peer', 9],
};

const callsOf = ([target, method, count]: (typeof methods)[number]): Call[] =>
  kinds.flatMap(kind =>
    Array.from({ length: count }, (_, place): Call => {
      const before = (good[`${target}.${method}`] ?? []).slice(0, place);
      const filler = Array.from({ length: place - before.length }, () => 'x');
      return [target, method, ...before, ...filler, kind];
    }),
  );

const source = (path: string) => ({ sourceSpec: sourceOf(import.meta.url, path) });

describe('system vats that are pestered', () => {
  let life: Life;
  let everyone: readonly (string | undefined)[];
  const namesOf = () => life.controller.getStatus().activeVats.map(({ options }) => options.name);

  const start = async () => {
    const timer = buildTimer();
    const config: SwingSetConfig = {
      bootstrap: 'pesterer',
      pinBootstrapRoot: true,
      vats: { pesterer: source('./vats/pesterer.js') },
      bundles: { subject: source('../platform-epoch/vats/subject.js') },
      devices: { timer: { sourceSpec: timer.srcPath } },
    };
    life = await startLife({
      config: await withBundles(config),
      worker: 'local',
      deviceEndowments: { timer: timer.endowments },
      initialization: { addComms: true, addVattp: true, addTimer: true },
      checkAtEnd: false,
    });
    await life.run();
    life.resultOf(life.bootstrapResult);
    everyone = namesOf().filter(name => name !== 'victim');
  };

  for (const each of methods) {
    const [target, method] = each;
    // A life for each: what they say would fill a store in memory.
    it(`live on: ${target}.${method}`, async () => {
      await start();
      const lost: unknown[] = [];
      for (const call of callsOf(each)) {
        const kpid = life.controller.queueToVatRoot('pesterer', 'pester', call);
        await life.run();
        const missing = everyone.filter(name => !namesOf().includes(name));
        if (missing.length === 0) continue;
        // The pesterer may end itself by what it says.
        if (missing.join() !== 'pesterer') lost.push([missing.join(), ...call]);
        expect(life.controller.kpStatus(kpid)).not.to.equal('unresolved');
        await life.close();
        await start();
      }
      expect(lost).to.deep.equal([]);
    });
  }
});
