/**
 * The long runs of this folder (README.md):
 *
 *     npm run damage:pages [-- [--seed n] [--count n] [--worker xsnap]]
 *
 * Prints what came of the cases of each scene, and ends with status 1 if anything was wrong.
 */
import '@endo/init/debug.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootAgain } from '../platform-epoch/support/boot-again.js';
import { bootAndLook, prepareStore } from '../platform-epoch/support/crash.js';
import { runPart, withField, type Part, type SceneTally } from './support/parts.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string' },
    worker: { type: 'string', default: 'local' },
  },
});
const seed = Number(values.seed);
const count = values.count === undefined ? undefined : Number(values.count);
const worker = values.worker === 'xsnap' ? 'xsnap' : 'local';

const started = performance.now();
const seconds = () => Math.round((performance.now() - started) / 1000);

const damage = async (part: Part): Promise<readonly string[]> => {
  const onCase = (scene: string, done: number, all: number) => {
    if (done % 100 === 0) console.log(`${scene}: ${done} of ${all}, ${seconds()} s`);
  };
  // As they come: the scenes of a long run take minutes each.
  const onScene = ({ scene, counts }: SceneTally) => {
    console.log(`${scene}: ${JSON.stringify(counts)}, ${seconds()} s`);
  };
  const options = { seed, count, onCase, onScene };
  const tallies = await withField(worker, field => runPart(part, options, field));
  return tallies.flatMap(({ wrong }) => wrong);
};

const sameEpoch = async (): Promise<readonly string[]> => {
  const dirPath = mkdtempSync(join(tmpdir(), 'same-epoch-'));
  const problems: string[] = [];
  try {
    for (const type of ['local', 'xsnap'] as const) {
      const path = join(dirPath, type);
      await prepareStore({ path, worker: type, dynamicVats: 2 });
      await bootAndLook({ path, platformEpoch: 2, mode: 'eager' });
      const boots = count ?? 100;
      const found = await bootAgain({ path, platformEpoch: 2, boots, maxVatsOnline: 2 });
      console.log(`${type}: ${boots} boots: ${JSON.stringify(found)}`);
      const isQuiet = found.changes === 0 && found.contents === 1 && found.mostProcesses <= 2;
      if (!isQuiet || found.online.join() !== 'v1 v2') problems.push(`${type}: a boot did more`);
    }
    return problems;
  } finally {
    rmSync(dirPath, { recursive: true, force: true });
  }
};

const [part] = positionals;
const problems = part === 'same-epoch' ? await sameEpoch() : await damage(part as Part);
for (const problem of problems) console.error(problem.slice(0, 2000));
console.log(`${problems.length} problems, ${seconds()} s`);
process.exitCode = problems.length === 0 ? 0 : 1;
