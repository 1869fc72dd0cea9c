/** The source checks of `ses`, without and with our edits, in Node and in a worker. */
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { takeBundle } from '../../../../lib/bundling/bundle-cache.js';
import type { SourceEdit } from '../../../../lib/bundling/source-edits.js';
import { SOURCE_CHECK_EDITS } from '../../../../lib/platform/lockdown/edits.js';
import { makeNodeWorkerPowers } from '../../../../lib/platform/node-powers.js';
import { startXsnapProcess } from '../../../../lib/platform/xsnap-process.js';
import { bundleCachePath } from '../../../support/bundle-cache.js';
import type { Comparison, Transforms } from './compare.js';

const scriptOf = async (file: string, edits: readonly SourceEdit[] = []): Promise<string> => {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const options = { format: 'nestedEvaluate', cachePath: bundleCachePath, edits } as const;
  return `(${String((await takeBundle(path, options)).source)}\n)()`;
};

/** In a realm of its own, which nothing has locked down: V8's expressions are faster there. */
const evaluate = (script: string): Transforms =>
  runInNewContext(`Error.stackTraceLimit = 0; ${script}.transforms`) as Transforms;

export interface BothTransforms {
  readonly stock: Transforms;
  readonly ours: Transforms;
}

export const loadTransforms = async (): Promise<BothTransforms> => ({
  stock: evaluate(await scriptOf('tools.js')),
  ours: evaluate(await scriptOf('tools.js', SOURCE_CHECK_EDITS)),
});

/** Text as it stands in a string literal of a bundle. */
const inLiteral = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Ours with a mistake: `to` in place of `from`, which occurs once. */
export const loadSpoiled = async (from: string, to: string): Promise<Transforms> => {
  const parts = (await scriptOf('tools.js', SOURCE_CHECK_EDITS)).split(inLiteral(from));
  if (parts.length !== 2) throw Error(`${from} occurs ${parts.length - 1} times`);
  return evaluate(parts.join(inLiteral(to)));
};

/** Sources in one message to a worker. */
const AT_ONCE = 2000;

/** Compares both in XS, whose strings and expressions are not V8's. */
export const compareInWorker = async (sources: readonly string[]): Promise<Comparison> => {
  const results: Comparison[] = [];
  const worker = startXsnapProcess({
    powers: makeNodeWorkerPowers(),
    name: 'source-checks',
    meteringLimit: 0,
    handleCommand: request => {
      results.push(JSON.parse(request.toString()) as Comparison);
      return '';
    },
  });
  try {
    await worker.evaluate(`globalThis.stock = ${await scriptOf('tools.js')}.transforms;`);
    const ours = await scriptOf('tools.js', SOURCE_CHECK_EDITS);
    await worker.evaluate(`globalThis.ours = ${ours}.transforms;`);
    await worker.evaluate(`globalThis.compare = ${await scriptOf('compare.js')}.compareChecks;`);
    await worker.evaluate(
      'globalThis.send = x => issueCommand(new TextEncoder().encode(JSON.stringify(x)).buffer);',
    );
    for (let first = 0; first < sources.length; first += AT_ONCE) {
      const some = JSON.stringify(sources.slice(first, first + AT_ONCE));
      await worker.evaluate(`send(compare(stock, ours, ${some}))`);
    }
  } finally {
    await worker.kill();
  }
  if (results.length !== Math.ceil(sources.length / AT_ONCE))
    throw Error('the worker sent too little');
  return {
    refused: results.reduce((sum, { refused }) => sum + refused, 0),
    differing: results.flatMap(({ differing }) => differing),
  };
};
