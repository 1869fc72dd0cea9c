/**
 * Random vats on liveslots on SwingSet's kernel and on ours: objects and collections of all kinds,
 * promises in chains and circles, devices, dynamic vats and meters, the timer, critical vats.
 *
 * What `docs/differences.md` lists is kept out of the way. Before an upgrade, a vat lets go of what
 * only RAM holds, which SwingSet keeps for ever. The bootstrap vat keeps all admin nodes and meters,
 * and is alone in using the timer. Vats made later have IDs that sort as text as they do by number.
 */
import { buildTimer as buildOriginalTimer } from '@agoric/swingset-vat';
import type { SwingSetConfig } from '../../../lib/controller/config-types.js';
import { buildTimer } from '../../../lib/devices/timer/timer.js';
import { startOriginal, type EitherLife } from '../../support/original.js';
import { makeRandom, type Random } from '../../support/random.js';
import { withBundles } from '../../support/shared-bundles.js';
import { sourceOf, startLife } from '../../support/swingset.js';
import {
  chooseMessage,
  compareKernels,
  reapAll,
  runAll,
  runPart,
  shower,
  type Step,
} from './same-steps.js';

const NAMES = ['a', 'b', 'c'] as const;
const FIRST_DYNAMIC_VAT = '900';

const source = sourceOf(import.meta.url, '../vats/random-live.js');

/** In a fifth of the runs, the failure of a vat stops the kernel. */
const hasCriticalVats = (seed: number): boolean => seed % 5 === 0;

const makeConfig = (seed: number, timerSource: string): Promise<SwingSetConfig> => {
  const random = makeRandom(seed);
  const makeVat = (name: string, at: number) => ({
    sourceSpec: source,
    parameters: {
      ...{ seed: 100 * seed + at, critical: hasCriticalVats(seed) },
      ends: name === 'a' ? 0 : (random.pick([0, 3]) ?? 0),
    },
    creationOptions: { critical: name === 'b' && hasCriticalVats(seed) },
  });
  return withBundles({
    bootstrap: 'a',
    defaultManagerType: 'local',
    defaultReapInterval: 'never',
    defaultReapGCKrefs: 'never',
    vats: Object.fromEntries(NAMES.map((name, at) => [name, makeVat(name, at)])),
    bundles: { live: { sourceSpec: source } },
    devices: {
      timer: { sourceSpec: timerSource },
      shower,
    },
  });
};

const reap: Step = async life => {
  await life.run();
  return reapAll(life);
};

const upgrade = async (life: EitherLife, nth: number, parameters: object): Promise<unknown> => {
  await life.run();
  life.controller.queueToVatRoot('a', 'prepare', [nth]);
  await reap(life);
  const kpid = life.controller.queueToVatRoot('a', 'upgrade', [nth, parameters]);
  await life.run();
  return life.controller.kpStatus(kpid);
};

type Poll = (life: EitherLife, now: bigint) => boolean;

const makeChooser = (seed: number, poll: Poll) => {
  let now = 0n;
  return (random: Random): Step => {
    const { send } = chooseMessage(random, NAMES);
    const [number, kind] = [random.below(1000), random.below(100)];
    if (kind < 55) return send;
    if (kind < 72) return runAll;
    if (kind < 80) return runPart(number);
    if (kind < 86) {
      now += BigInt(number % 30);
      const then = now;
      return async life => poll(life, then);
    }
    if (kind < 92) {
      const parameters = { seed: number, fail: number % 5 === 0, ends: 3 };
      return life => upgrade(life, number, parameters);
    }
    return reap;
  };
};

/**
 * @returns how many entries of the logs were compared
 * @throws with the first difference
 */
export const compareLiveVats = async (seed: number, steps: number): Promise<number> => {
  const timers = { ours: buildTimer(), theirs: buildOriginalTimer() };
  const optionsFor = async ({ srcPath, endowments }: typeof timers.ours) => ({
    config: await makeConfig(seed, srcPath),
    deviceEndowments: { timer: endowments },
    initialization: { addTimer: true },
  });
  const ours = await startLife({
    ...(await optionsFor(timers.ours)),
    checkAtEnd: !hasCriticalVats(seed),
  });
  const theirs = await startOriginal(await optionsFor(timers.theirs));
  for (const { kernelStorage } of [ours, theirs]) {
    kernelStorage.kvStore.set('vat.nextID', FIRST_DYNAMIC_VAT);
  }
  const poll: Poll = (life, now) => (life === ours ? timers.ours : timers.theirs).poll(now);
  return compareKernels({
    ...{ seed, steps, names: NAMES, ours, theirs, mayStop: hasCriticalVats(seed) },
    chooseStep: makeChooser(seed, poll),
  });
};
