/**
 * Every way to misbehave that the catalogues know, as an ordinary and as a critical vat, in a
 * delivery and in each way of restarting. A part of it runs in CI (`hostile.spec.ts`).
 *
 *     npm run test:hostile [-- -g 'memory']
 */
import type { ManagerType } from '../../lib/types/vat-options.js';
import { useBase } from './support/base.js';
import {
  tryAtCreation,
  tryAtRunTime,
  tryAtStart,
  tryAtUpgrade,
  ways,
  type Way,
} from './support/trial.js';
import { deadly, vatBehaviours } from './support/vat-behaviours.js';

/** Where the engine does not matter, neither does how the start is arranged. */
const waysOf = (worker: ManagerType): readonly Way[] =>
  worker === 'xsnap' ? (Object.keys(ways) as Way[]) : ['eager', 'lazy'];

for (const { worker, platform } of [
  { worker: 'xsnap', platform: 'own' },
  { worker: 'xsnap', platform: 'stock' },
  { worker: 'local', platform: 'own' },
] as const) {
  describe(`hostile vats, on ${worker}, ${platform}`, () => {
    const base = useBase({ worker, platform });
    for (const behaviour of vatBehaviours) {
      const { name, run, start, made, workers } = behaviour;
      if (!workers.includes(worker)) continue;
      if (start) {
        it(`${name}: when it is made`, () =>
          tryAtCreation({ ...behaviour, start: made ?? start }, { base }));
        it(`${name}: when it is upgraded`, () => tryAtUpgrade({ ...behaviour, start }, { base }));
      }
      for (const culprit of ['hostile', 'vital'] as const) {
        if (run) {
          it(`${name}: ${culprit}, in a delivery`, () =>
            tryAtRunTime({ ...behaviour, run }, { base, culprit }));
        }
        for (const way of start ? waysOf(worker) : []) {
          if (!start) continue;
          it(`${name}: ${culprit}, at its start, ${way}`, () =>
            tryAtStart({ ...behaviour, start }, { base, culprit, way }));
        }
      }
    }
  });
}

describe('hostile vats whose workers never answer', () => {
  const base = useBase({ worker: 'xsnap' });
  // Honest starts take less, also on a machine that is busy.
  const warehousePolicy = { preload: 'none', workerSilenceSeconds: 10 } as const;
  for (const { name, run, start } of deadly) {
    for (const onWorkerDeath of ['panic', 'terminate'] as const) {
      const given = {
        base,
        culprit: 'hostile',
        options: { warehousePolicy, onWorkerDeath },
      } as const;
      if (run) {
        it(`${name}: in a delivery, with onWorkerDeath ${onWorkerDeath}`, () =>
          tryAtRunTime({ name, run }, given));
      }
      if (start) {
        it(`${name}: at its start, with onWorkerDeath ${onWorkerDeath}`, () =>
          tryAtStart({ name, start }, { ...given, way: 'eager' }));
      }
    }
  }
});
