/**
 * More of `equality.spec.ts`: `SUPERVISOR_VATS` random vats (60), drawn with `SUPERVISOR_SEED`, and
 * vats of other specs.
 */
import { fileURLToPath } from 'node:url';
import bundleSource from '@endo/bundle-source';
import fc from 'fast-check';
import type { Bundle } from '../../../lib/store/types.js';
import type { VatDelivery } from '../../../lib/types/messages.js';
import { bringOutYourDead, call, startVat, vref } from '../../workers/support/fixture.js';
import { expectSameLives } from './support/lives.js';
import { vatLives } from './support/programs.js';

const numRuns = Number(process.env.SUPERVISOR_VATS ?? 60);
const seed = Number(process.env.SUPERVISOR_SEED ?? 1);

const calls = (...made: [method: string, ...args: unknown[]][]): VatDelivery[] =>
  made.map(([method, ...args], n) => call(method, args, vref(`p-${60 + n}`)));

/** What the lives of each vat are told; all of them bring out their dead at the end. */
const FIXTURES: Readonly<Record<string, readonly (readonly VatDelivery[])[]>> = {
  'workers/vats/counter.js': [
    calls(['increment'], ['say', 'a'], ['increment']),
    calls(['increment']),
  ],
  'workers/vats/collector.js': [
    calls(['write', 'a', 'text'], ['read', 'a'], ['greet'], ['release']),
    calls(['read', 'a'], ['read', 'b']),
  ],
  'workers/vats/broken.js': [[]],
  'platform-epoch/vats/subject.js': [
    calls(['bump'], ['write', 'x'], ['later'], ['settle', 5], ['wrapLater'], ['getThing']),
    calls(['lives'], ['bump'], ['read'], ['getEphemeral'], ['die'], ['lives']),
  ],
  'kernel/vats/juggler.js': [
    calls(['promise', 'a'], ['forwarded', 'a'], ['resolve', 'a', 7], ['ring'], ['loop'], ['tree']),
    calls(['promise', 'b'], ['reject', 'b', 'no'], ['tree']),
  ],
  'kernel/vats/random-holder.js': [
    calls(
      ['work', ['box', 'reader', 'virtual', 'far', 'map', 'weakSet'].map(k => ['make', k, k])],
      [
        'work',
        [
          ['persist', 'box'],
          ['link', 'map', 'box', 'key'],
          ['forget', 'virtual'],
        ],
      ],
      ['give', 'far'],
      ['owe', 'k'],
    ),
    calls(
      [
        'work',
        [
          ['fetch', 'box'],
          ['unpersist', 'box'],
        ],
      ],
      ['give', 'box'],
      ['forgetAll'],
    ),
  ],
};

describe('our supervisor and the stock one, at length', () => {
  it(`make the same syscalls with ${numRuns} random vats of seed ${seed}`, async () => {
    await fc.assert(
      fc.asyncProperty(vatLives, async lives => {
        await expectSameLives(lives);
      }),
      { seed, numRuns, endOnFailure: true },
    );
  });

  for (const [path, lives] of Object.entries(FIXTURES)) {
    it(`make the same syscalls with spec/${path}`, async () => {
      const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
      const bundle = (await bundleSource(file, { format: 'endoZipBase64' })) as unknown as Bundle;
      await expectSameLives(
        lives.map(deliveries => ({
          bundle,
          deliveries: [startVat(), ...deliveries, bringOutYourDead],
        })),
      );
    });
  }
});
