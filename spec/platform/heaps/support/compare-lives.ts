import { expect } from 'chai';
import { withHeadroom } from '../../../../lib/platform/heap-resizing.js';
import { makeRandom } from '../../../support/random.js';
import { live, withRandomHeap, type Life } from './lives.js';

/** Compares a life without reloads, on the engine's own heap, with lives that reload at random. */
export const compareLives = async (seed: number, deliveries: number): Promise<readonly Life[]> => {
  const random = makeRandom(-seed);
  const carriedOn = await live(seed, deliveries, { reloads: () => false });
  const always = await live(seed, deliveries, {
    reloads: () => true,
    loadSnapshot: withHeadroom,
  });
  const sometimes = await live(seed, deliveries, {
    loadImage: withRandomHeap(random),
    reloads: () => random.chance(50),
    loadSnapshot: withRandomHeap(random),
  });
  for (const [name, { syscalls, computrons, hashes }] of Object.entries({ always, sometimes })) {
    const what = `seed ${seed}, reloaded ${name}`;
    expect(syscalls, what).to.deep.equal(carriedOn.syscalls);
    expect(computrons, what).to.deep.equal(carriedOn.computrons);
    expect(hashes, what).to.deep.equal(carriedOn.hashes);
  }
  return [carriedOn, always, sometimes];
};
