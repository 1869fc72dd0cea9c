/**
 * Random vats without liveslots on SwingSet's kernel and on ours. Both get the same calls of the host,
 * and the vats make the same choices as long as they are told the same. Compared are all deliveries
 * to them and all their syscalls, in order, and in quiet moments the tables of the kernels.
 *
 * What `docs/differences.md` lists is kept out of the way: a vat is upgraded alone, `reapAllVats` is
 * followed by a run, and the vats subscribe to no promise that they decide.
 */
import type { SwingSetConfig } from '../../../lib/controller/config-types.js';
import type { BundleID } from '../../../lib/types/ids.js';
import { startOriginal, type EitherLife } from '../../support/original.js';
import { makeRandom, type Random } from '../../support/random.js';
import { withBundles } from '../../support/shared-bundles.js';
import { sourceOf, startLife } from '../../support/swingset.js';
import {
  chooseMessage,
  compareKernels,
  hasEnded,
  reapAll,
  rootsOf,
  runAll,
  runPart,
  shower,
  type Step,
} from './same-steps.js';

const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;
const PIPELINING = 'd';

/** Half of the runs upgrade vats. SwingSet's counts toward a BOYD go on after an upgrade. */
const upgradesVats = (seed: number): boolean => seed % 2 === 0;

const makeConfig = (seed: number): Promise<SwingSetConfig> => {
  const random = makeRandom(seed);
  const intervals = upgradesVats(seed) ? ([1, 'never'] as const) : ([1, 3, 10, 'never'] as const);
  const makeVat = (name: string, at: number) => {
    const enablePipelining = name === PIPELINING;
    return {
      sourceSpec: sourceOf(import.meta.url, '../vats/random-raw.js'),
      parameters: {
        ...{ seed: 100 * seed + at, enablePipelining },
        ...{ devices: random.chance(50), ends: random.pick([0, 6]) },
      },
      creationOptions: {
        ...({ managerType: 'local', enableSetup: true, enablePipelining } as const),
        reapInterval: random.pick(intervals) ?? 1,
      },
    };
  };
  return withBundles({
    bootstrap: 'a',
    defaultManagerType: 'local',
    defaultReapInterval: 'never',
    defaultReapGCKrefs: upgradesVats(seed) ? 'never' : 3,
    vats: Object.fromEntries(NAMES.map((name, at) => [name, makeVat(name, at)])),
    devices: { shower },
  });
};

const upgrade = async (
  life: EitherLife,
  name: string,
  others: readonly string[],
  vatParameters: object,
): Promise<unknown> => {
  await life.run();
  if (hasEnded(life, name)) return 'ended';
  const { controller, kernelStorage } = life;
  for (const other of others) {
    if (hasEnded(life, other) || other === name) continue;
    controller.queueToVatRoot(other, 'do', [2, ...rootsOf(life, [name])]);
  }
  const source = kernelStorage.kvStore.get(`${controller.vatNameToID(name)}.source`) ?? '';
  const { bundleID } = JSON.parse(source) as { bundleID: BundleID };
  const kpid = controller.upgradeStaticVat(name, false, bundleID, { vatParameters });
  await life.run();
  return controller.kpStatus(kpid);
};

const end = async (life: EitherLife, name: string): Promise<unknown> => {
  await life.run();
  if (hasEnded(life, name)) return 'ended';
  life.controller.terminateVat(life.controller.vatNameToID(name), { body: '#"bye"', slots: [] });
  return life.run().then(() => 'ends');
};

/** What the host does next. `first`: the numbers from which a new incarnation counts. */
const chooseStep = (random: Random, seed: number, step: number): Step => {
  const { name, others, send } = chooseMessage(random, NAMES);
  const [number, kind] = [random.below(1000), random.below(100)];
  if (kind < 55) return send;
  if (kind < 75) return runAll;
  if (kind < 85) return runPart(number);
  if (kind < 92 && upgradesVats(seed)) {
    const parameters = { seed: number, first: 1000 * (step + 1), ends: 6, devices: true };
    const vatParameters = {
      ...{ ...parameters, enablePipelining: name === PIPELINING },
      fail: number % 4 === 0,
    };
    return life => upgrade(life, name, others, vatParameters);
  }
  if (kind < 98 || step < 40) return reapAll;
  return life => end(life, name);
};

/**
 * @returns how many entries of the logs were compared
 * @throws with the first difference
 */
export const compareRawVats = async (seed: number, steps: number): Promise<number> => {
  const options = { config: await makeConfig(seed) };
  return compareKernels({
    ...{ seed, steps, names: NAMES },
    ours: await startLife(options),
    theirs: await startOriginal(options),
    chooseStep: (random, step) => chooseStep(random, seed, step),
  });
};
