/** The parts of an attack on stores: what each damages, and in which scenes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ManagerType } from '../../../lib/types/vat-options.js';
import { makeRandom } from '../../support/random.js';
import { attack, type Tally } from './attack.js';
import { cutsOf, flipsOf, rowDamagesOf, type DamageCase } from './damages.js';
import { Examiner } from './examiner.js';
import { foreignJournals } from './journals.js';
import { makeScenes, type Scene } from './scenes.js';

export interface PartOptions {
  readonly seed: number;
  /** Cases of each scene. Undefined: all. */
  readonly count: number | undefined;
  readonly onCase?: (scene: string, done: number, all: number) => void;
  /** A scene is done. */
  readonly onScene?: (tally: SceneTally) => void;
}

export interface SceneTally extends Tally {
  readonly scene: string;
}

export type Part = 'pages' | 'files' | 'rows';

const CUTS = 60;
const JOURNAL_CUTS = 10;

/** `count` of the cases, drawn without repetition. */
const draw = <T>(cases: readonly T[], { seed, count }: PartOptions): readonly T[] => {
  if (count === undefined || count >= cases.length) return cases;
  const random = makeRandom(seed);
  const left = [...cases];
  return Array.from({ length: count }, () => left.splice(random.below(left.length), 1)[0]!);
};

const casesOf = async (
  part: Part,
  scene: Scene,
  scenes: readonly Scene[],
  dirPath: string,
  { seed }: PartOptions,
): Promise<readonly DamageCase[]> => {
  switch (part) {
    case 'pages':
      return flipsOf(scene.path, seed);
    case 'files':
      return [
        ...cutsOf(scene.path, seed, CUTS),
        ...(await foreignJournals(dirPath, scenes, seed, JOURNAL_CUTS)),
      ];
    case 'rows':
      return rowDamagesOf(scene.path);
    default:
      return part satisfies never;
  }
};

/** Damages that tell of the stage of the ledger go through all scenes, others through one. */
const scenesOf = (part: Part, all: readonly Scene[]): readonly Scene[] =>
  part === 'rows' ? all : all.filter(({ name }) => name === 'the next epoch');

/** What all parts need: stores to damage, and a process that examines them. */
export interface Field {
  readonly dirPath: string;
  readonly scenes: readonly Scene[];
  readonly examiner: Examiner;
}

export const withField = async <T>(
  worker: ManagerType,
  work: (field: Field) => Promise<T>,
): Promise<T> => {
  const dirPath = mkdtempSync(join(tmpdir(), 'damage-'));
  const examiner = new Examiner();
  try {
    return await work({ dirPath, scenes: await makeScenes(dirPath, worker), examiner });
  } finally {
    examiner.stop();
    rmSync(dirPath, { recursive: true, force: true });
  }
};

export const runPart = async (
  part: Part,
  options: PartOptions,
  { dirPath, scenes, examiner }: Field,
): Promise<readonly SceneTally[]> => {
  const tallies: SceneTally[] = [];
  for (const scene of scenesOf(part, scenes)) {
    const all = await casesOf(part, scene, scenes, dirPath, options);
    const cases = draw(all, options);
    const onCase = (done: number) => options.onCase?.(scene.name, done, cases.length);
    const tally = await attack({ examiner, dirPath, scene, cases, onCase });
    const ofScene = { scene: scene.name, ...tally };
    options.onScene?.(ofScene);
    tallies.push(ofScene);
  }
  return tallies;
};
