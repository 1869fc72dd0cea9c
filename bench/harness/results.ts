/** Results on disk: one JSON file per bench in `bench/results`, from which the report is drawn. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Conditions } from './machine.js';
import type { BenchOptions } from './options.js';

const directory = new URL('../results/', import.meta.url);
const fileOf = (name: string): URL => new URL(`${name}.json`, directory);

export interface Results<T> {
  readonly conditions: Conditions;
  readonly results: readonly T[];
}

/** Undefined if the bench has not run. */
export const readResults = async <T>(name: string): Promise<Results<T> | undefined> => {
  try {
    return JSON.parse(await readFile(fileOf(name), 'utf8')) as Results<T>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/**
 * Results under the same conditions, the new ones in place of older ones of the same name. So a part
 * of a bench can run again. `order` lists all names.
 */
export const mergeResults = <T>(
  older: Results<T> | undefined,
  newer: Results<T>,
  { nameOf, order }: { readonly nameOf: (result: T) => string; readonly order: readonly string[] },
): Results<T> => {
  if (!older || !isDeepStrictEqual(older.conditions, newer.conditions)) return newer;
  const replaced = new Set(newer.results.map(nameOf));
  const kept = older.results.filter(result => !replaced.has(nameOf(result)));
  const results = [...kept, ...newer.results].toSorted(
    (a, b) => order.indexOf(nameOf(a)) - order.indexOf(nameOf(b)),
  );
  return { ...newer, results };
};

/** A quick run is not saved: it must not pass for a measurement. */
export const saveResults = async <T>(
  name: string,
  newer: Results<T>,
  naming: Parameters<typeof mergeResults<T>>[2],
  { settings }: BenchOptions,
): Promise<void> => {
  if (settings.quick) return;
  const merged = mergeResults(await readResults<T>(name), newer, naming);
  await mkdir(directory, { recursive: true });
  await writeFile(fileOf(name), `${JSON.stringify(merged, null, 2)}\n`);
};
