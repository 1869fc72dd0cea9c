/** The share of CI of the slow specs: each kind of fate, of vats and of workers that were taken over. */
import type { Behaviour } from './support/fates.js';
import { useBase } from './support/base.js';
import { makePossessedSpawn } from './support/possession.js';
import { tryAtCreation, tryAtRunTime, tryAtStart } from './support/trial.js';
import { vatBehaviours } from './support/vat-behaviours.js';
import { useVirtualSilence } from './support/virtual-silence.js';
import { workerBehaviours } from './support/worker-behaviours.js';

const find = <Each extends Behaviour>(catalogue: readonly Each[], wanted: string): Each => {
  const found = catalogue.find(({ name }) => name === wanted);
  if (!found) throw Error(`no behaviour ${wanted}`);
  return found;
};

const running = <Each extends Behaviour>(catalogue: readonly Each[], name: string) => {
  const { run, ...rest } = find(catalogue, name);
  if (!run) throw Error(`${name} is not for deliveries`);
  return { ...rest, run };
};

const starting = <Each extends Behaviour>(catalogue: readonly Each[], name: string) => {
  const { start, ...rest } = find(catalogue, name);
  if (!start) throw Error(`${name} is not for starts`);
  return { ...rest, start };
};

describe('hostile vats', () => {
  const base = useBase({ worker: 'xsnap' });
  const ofWorkers = workerBehaviours(useVirtualSilence());

  for (const name of ['reachesHost', 'loops']) {
    it(`affect no other vat in a delivery (${name})`, () =>
      tryAtRunTime(running(vatBehaviours, name), { base, culprit: 'hostile' }));
  }

  it('that are critical stop the kernel before it commits (recurses)', () =>
    tryAtRunTime(running(vatBehaviours, 'recurses'), { base, culprit: 'vital' }));

  it('are out of service after a late start that fails (neverResolves)', () =>
    tryAtStart(starting(vatBehaviours, 'neverResolves'), {
      base,
      culprit: 'hostile',
      way: 'lazy',
    }));

  it('that are critical stop the boot before it commits (forgetsKind)', () =>
    tryAtStart(starting(vatBehaviours, 'forgetsKind'), { base, culprit: 'vital', way: 'eager' }));

  it('do not end vat-admin by a long error when they are made (throwsTooHuge)', () =>
    tryAtCreation(starting(vatBehaviours, 'throwsTooHuge'), { base }));

  it('have an end that can be told when what they throw is no error (throwsText)', () =>
    tryAtCreation(starting(vatBehaviours, 'throwsText'), { base }));

  describe('whose workers were taken over', () => {
    const given = (name: string, onWorkerDeath: 'panic' | 'terminate' = 'panic') => {
      const { possession } = find(ofWorkers, name);
      const spawn = makePossessedSpawn(['hostile'], possession);
      return { base, culprit: 'hostile', options: { spawn, onWorkerDeath } } as const;
    };

    for (const name of [
      'makes the syscall null',
      'answers an error of an odd kind',
      'prints a line of very many words',
      'used 1.5 computrons',
    ]) {
      it(`affect no other vat (${name})`, () =>
        tryAtRunTime({ ...running(ofWorkers, name), name: 'possessed' }, given(name)));
    }

    it('cost only the vat when they hang, if the host wants that', () =>
      tryAtRunTime(
        { ...running(ofWorkers, 'says nothing'), name: 'possessed' },
        given('says nothing', 'terminate'),
      ));
  });
});
