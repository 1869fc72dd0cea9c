/**
 * Every way in which a worker that was taken over may treat the kernel, beside innocent vats. A part
 * of it runs in CI (`workers.spec.ts`).
 *
 *     npm run test:hostile [-- -g 'computrons']
 */
import { useBase } from './support/base.js';
import { makePossessedSpawn } from './support/possession.js';
import { tryAtRunTime, tryAtStart, type Way } from './support/trial.js';
import { useVirtualSilence } from './support/virtual-silence.js';
import { workerBehaviours, type WorkerBehaviour } from './support/worker-behaviours.js';

const ways: readonly Way[] = ['eager', 'eager, run ahead', 'rolling'];

describe('workers that were taken over', () => {
  const base = useBase({ worker: 'xsnap' });
  const silence = useVirtualSilence();
  const caseOf = (
    { possession }: WorkerBehaviour,
    culprit: 'hostile' | 'vital',
    onWorkerDeath: 'panic' | 'terminate' = 'panic',
  ) => ({
    base,
    culprit,
    options: { spawn: makePossessedSpawn([culprit], possession), onWorkerDeath },
  });

  for (const behaviour of workerBehaviours(silence)) {
    const { name, run, start } = behaviour;
    const possessed = { ...behaviour, name: 'possessed' };
    for (const culprit of ['hostile', 'vital'] as const) {
      if (run) {
        it(`${name}: ${culprit}, in a delivery`, () =>
          tryAtRunTime({ ...possessed, run }, caseOf(behaviour, culprit)));
      }
      for (const way of start ? ways : []) {
        if (!start) continue;
        it(`${name}: ${culprit}, at its start, ${way}`, () =>
          tryAtStart({ ...possessed, start }, { ...caseOf(behaviour, culprit), way }));
      }
    }
    if (run?.kind === 'dies') {
      it(`${name}: in a delivery, and the host wants the vat to bear it`, () =>
        tryAtRunTime({ ...possessed, run }, caseOf(behaviour, 'hostile', 'terminate')));
    }
    if (start?.kind === 'dies') {
      it(`${name}: at its start, and the host wants the vat to bear it`, () =>
        tryAtStart(
          { ...possessed, start },
          { ...caseOf(behaviour, 'hostile', 'terminate'), way: 'eager' },
        ));
    }
  }
});
