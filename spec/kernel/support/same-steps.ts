/** Runs the same random steps on SwingSet's kernel and on ours, and compares after each. */
import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import type { SwingsetError } from '../../../lib/errors.js';
import type { RunPolicy } from '../../../lib/types/policies.js';
import type { EitherLife } from '../../support/original.js';
import { makeRandom, type Random } from '../../support/random.js';
import { sourceOf, type Life } from '../../support/swingset.js';
import {
  comparableDeliveries,
  isAmidReap,
  isDroppedLater,
  isExportedAnew,
  isQuiet,
  keptRows,
  withoutCircles,
} from './random-traces.js';

export type Step = (life: EitherLife) => Promise<unknown>;

interface Comparison {
  readonly seed: number;
  readonly steps: number;
  readonly ours: Life;
  readonly theirs: EitherLife;
  /** Static vats whose roots stay. */
  readonly names: readonly string[];
  /** Whether critical vats may stop the kernels, both in the same step. Default: no. */
  readonly mayStop?: boolean;
  /** What the host does next. */
  readonly chooseStep: (random: Random, step: number) => Step;
}

interface MessageChoice {
  readonly name: string;
  readonly others: readonly string[];
  readonly send: Step;
}

/** Stops after some deliveries. Without a budget, no ended vat is cleaned up. */
const makePolicy = (deliveries: number, budget: number): RunPolicy => {
  let left = deliveries;
  const count = () => {
    left -= 1;
    return left > 0;
  };
  return {
    ...{ vatCreated: count, crankComplete: count, crankFailed: count, emptyCrank: () => true },
    allowCleanup: () => (budget === 0 ? false : { default: budget }),
    didCleanup: () => true,
  };
};

/** Those of the vats that live. */
export const rootsOf = (
  { controller, kernelStorage: { kvStore } }: EitherLife,
  names: readonly string[],
) =>
  names.flatMap(name => {
    const vatID = kvStore.get(`vat.name.${name}`);
    const root = vatID === undefined ? undefined : kvStore.get(`${vatID}.c.o+0`);
    return root === undefined || controller.vatNameToID(name) !== vatID
      ? []
      : [kslot(root, 'root')];
  });

export const hasEnded = ({ kernelStorage }: EitherLife, name: string): boolean =>
  kernelStorage.kvStore.get(`vat.name.${name}`) === undefined;

/** A device that only shows what it gets. */
export const shower = {
  sourceSpec: sourceOf(import.meta.url, '../vats/device-shower.js'),
  creationOptions: { unendowed: true },
};

/** A message to a random vat that lives, with some others. */
export const chooseMessage = (random: Random, names: readonly string[]): MessageChoice => {
  const name = random.pick(names) ?? 'a';
  const others = names.filter(() => random.chance(60));
  const fuel = 1 + random.below(3);
  const send: Step = async life =>
    hasEnded(life, name)
      ? 'ended'
      : life.controller.queueToVatRoot(name, 'do', [fuel, ...rootsOf(life, others)]);
  return { name, others, send };
};

export const runAll: Step = life => life.run().then(() => 'run');

/** @param number - any, which chooses how much */
export const runPart =
  (number: number): Step =>
  life =>
    life.run(makePolicy(1 + (number % 12), number % 4)).then(() => 'part of a run');

export const reapAll: Step = async life => {
  const reaped = Object.keys(life.controller.reapAllVats()).sort();
  await life.run();
  return reaped;
};

/** Rows of the tables: key, what we have, what SwingSet has. */
const differences = (ours: EitherLife, theirs: EitherLife) => {
  const [here, there] = [keptRows(ours), withoutCircles(keptRows(theirs), keptRows(ours))];
  return [...new Set([...Object.keys(here), ...Object.keys(there)])]
    .filter(key => here[key] !== there[key])
    .map(key => [key, here[key], there[key]]);
};

const STOPPED = 'the kernel stopped';

/** The failure of a critical vat stops both kernels, each with an error of its own. */
const outcomeOf = async (
  act: Step,
  life: EitherLife,
  isExpected: (error: Partial<SwingsetError>) => boolean,
): Promise<unknown> => {
  try {
    return await act(life);
  } catch (error) {
    if (isExpected(error as Error)) return STOPPED;
    throw error;
  }
};

/**
 * @returns how many entries of the logs were compared
 * @throws with the first difference
 */
export const compareKernels = async (comparison: Comparison): Promise<number> => {
  const { seed, steps, ours, theirs, names, mayStop = false, chooseStep } = comparison;
  const lives = [ours, theirs] as const;
  const random = makeRandom(seed);
  let entries = 0;
  const compare = (at: string): 'same' | 'known' => {
    const [here, there] = lives.map(comparableDeliveries) as [string[], string[]];
    const first = there.findIndex((entry, index) => entry !== here[index]);
    if (first >= 0 || here.length > there.length) {
      const index = first < 0 ? there.length : first;
      if (isDroppedLater(here[index], theirs)) return 'known';
      if (isExportedAnew(here[index], here.slice(index))) return 'known';
      if (isAmidReap(there.slice(0, index))) return 'known';
      const before = there.slice(Math.max(0, index - 12), index).join('\n');
      expect(here[index], `seed ${seed}, ${at}, after\n${before}`).to.equal(there[index]);
    }
    entries += there.length;
    for (const { slog } of lives) slog.length = 0;
    if (lives.every(isQuiet)) {
      expect(differences(ours, theirs), `seed ${seed}, ${at}`).to.deep.equal([]);
    }
    return 'same';
  };
  try {
    for (const life of lives) for (const name of names) life.controller.pinVatRoot(name);
    for (let step = 0; step <= steps; step += 1) {
      const at = `step ${step}`;
      const act: Step =
        step === 0 || step === steps
          ? life => life.run().then(() => 'run')
          : chooseStep(random, step);
      const here = await outcomeOf(act, ours, ({ code }) => mayStop && code === 'KERNEL_PANIC');
      const there = await outcomeOf(act, theirs, () => here === STOPPED);
      if (compare(at) === 'known') break;
      expect(here, `seed ${seed}, ${at}`).to.deep.equal(there);
      if (here === STOPPED) break;
    }
    return entries;
  } finally {
    await theirs.close();
    await ours.finish();
  }
};
