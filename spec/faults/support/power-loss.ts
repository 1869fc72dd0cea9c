/**
 * Records what a host writes while it restarts all vats, and looks at what is left when power fails, or
 * the process is killed, anywhere in it: the state of a commit, no earlier one than the host relied on.
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fileURLToPath } from 'node:url';
import { kernelChecks } from '../../../lib/cli/store-checks.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import { verifyStore } from '../../../lib/store/verify.js';
import { bootAndLook, prepareStore, type Outcome } from '../../platform-epoch/support/crash.js';
import type { StoreOptions } from '../../platform-epoch/support/crash.js';
import { makeRandom, type Random } from '../../support/random.js';
import { prepareDisk } from './disk.js';
import { digestOf, MARKS, STORE, type Mark, type PowerOrder } from './power-order.js';
import { readChanges, type Change } from './recorded-writes.js';
import { layFiles, SimulatedDisk, type Files } from './simulated-disk.js';

export interface PowerOptions
  extends Pick<PowerOrder, 'mode' | 'blocks' | 'durability'>, Omit<StoreOptions, 'path'> {
  /** Random losses at each sync, in addition to the loss of everything and of nothing. */
  readonly count: number;
  readonly seed: number;
}

export interface PowerResult {
  readonly writes: number;
  readonly syncs: number;
  readonly commits: number;
  /** Different contents of the disk that were looked at. */
  readonly states: number;
  /** How many of these held a commit that the host had not been told of yet. */
  readonly early: number;
  readonly problems: readonly string[];
}

const script = fileURLToPath(new URL('power-child.ts', import.meta.url));

const record = async (shim: string, order: PowerOrder): Promise<readonly Change[]> => {
  const environment = prepareDisk(order.home, shim);
  const child = fork(script, [JSON.stringify(order)], {
    execArgv: ['--import', 'tsx/esm'],
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code !== 0) throw Error(`the host ended with ${signal ?? `code ${code}`}`);
  return readChanges(join(order.home, 'log'));
};

/** The shared memory of the journal's index is no file to SQLite's recovery. */
const isOfStore = (name: string): boolean => name.startsWith(`${STORE}/`) && !name.endsWith('-shm');

const filesOf = (original: string): Files =>
  new Map(
    readdirSync(original).map(name => [`${STORE}/${name}`, readFileSync(join(original, name))]),
  );

const hashOf = (files: Files): string => {
  const hash = createHash('sha256');
  for (const name of [...files.keys()].sort()) hash.update(`${name}\n`).update(files.get(name)!);
  return hash.digest('hex');
};

interface Moment {
  readonly name: string;
  readonly files: Files;
  /** The last commit that the host relies on, and the last that it began. */
  readonly relied: number;
  readonly begun: number;
}

/** What may be left on the disk, in the order of the writes. */
function* moments(
  changes: readonly Change[],
  before: Files,
  { count, random }: { readonly count: number; readonly random: Random },
): Generator<Moment> {
  const disk = new SimulatedDisk(before);
  let syncs = 0;
  let relied = 0;
  let begun = 0;
  const at = (name: string, files: Files): Moment => ({
    name: `${name} at sync ${syncs}`,
    files,
    relied,
    begun,
  });
  const losses = function* (): Generator<Moment> {
    yield at(
      'all unsynced writes lost',
      disk.afterPowerLoss(() => false),
    );
    yield at('killed', disk.afterKill());
    for (let nth = 1; nth <= count; nth += 1) {
      const percent = random.below(101);
      const files = disk.afterPowerLoss(() => random.chance(percent));
      yield at(`some unsynced writes lost (${nth})`, files);
    }
  };
  for (const change of changes) {
    if (change.name === MARKS && change.kind === 'write') {
      const mark = JSON.parse(change.data.toString()) as Mark;
      if ('begin' in mark) begun = mark.begin;
      else relied = mark.end;
    } else if (change.kind === 'sync' && change.name !== MARKS) {
      // Just before it, and just after it.
      yield* losses();
      disk.apply(change);
      syncs += 1;
      yield* losses();
    } else if (isOfStore(change.name)) {
      disk.apply(change);
    }
  }
  yield* losses();
}

const digestsOf = (changes: readonly Change[], initial: string): readonly string[] => {
  const digests = [initial];
  for (const change of changes) {
    if (change.name !== MARKS || change.kind !== 'write') continue;
    const mark = JSON.parse(change.data.toString()) as Mark;
    if ('end' in mark) digests[mark.end] = mark.digest;
  }
  return digests;
};

const lookAt = async (path: string): Promise<string> => {
  const store = openSwingStore(path, { mustExist: true });
  try {
    return digestOf(store);
  } finally {
    await store.hostStorage.close();
  }
};

export const losePower = async (shim: string, options: PowerOptions): Promise<PowerResult> => {
  const { mode, blocks, durability, count, seed } = options;
  const home = mkdtempSync(join(tmpdir(), 'swingset-kernel-power-'));
  try {
    const original = join(home, 'original');
    await prepareStore({ ...options, path: original });
    const copyTo = (name: string): string => {
      cpSync(original, join(home, name), { recursive: true });
      return join(home, name);
    };
    const carryOn = (path: string): Promise<Outcome> =>
      bootAndLook({ path, platformEpoch: 2, mode, blocks });
    const { restarted: _all, ...undisturbed } = await carryOn(copyTo('undisturbed'));
    const initial = await lookAt(copyTo('looked-at'));
    const order = { home, original, mode, blocks, durability };
    const changes = await record(shim, order);
    const digests = digestsOf(changes, initial);

    const problems: string[] = [];
    const seen = new Set<string>();
    const carriedOn = new Set<string>();
    let early = 0;
    for (const { name, files, relied, begun } of moments(changes, filesOf(original), {
      count,
      random: makeRandom(seed),
    })) {
      const key = `${hashOf(files)} ${relied} ${begun}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const root = join(home, 'left');
      const path = join(root, STORE);
      rmSync(root, { recursive: true, force: true });
      layFiles(root, files);
      try {
        const digest = await lookAt(path);
        const found = digests.lastIndexOf(digest, begun);
        if (found < relied) problems.push(`${name}: holds no commit from ${relied} to ${begun}`);
        if (found > relied) early += 1;
        const report = await verifyStore(path, { checks: kernelChecks });
        problems.push(...report.problems.map(each => `${name}: ${each.thing}: ${each.detail}`));
        if (carriedOn.has(digest)) continue;
        carriedOn.add(digest);
        const { restarted: _left, ...outcome } = await carryOn(path);
        if (!isDeepStrictEqual(outcome, undisturbed))
          problems.push(`${name}: comes to another end`);
      } catch (error) {
        problems.push(`${name}: ${String(error)}`);
      }
    }
    const countOf = (kind: Change['kind']): number =>
      changes.filter(each => each.kind === kind && each.name !== MARKS).length;
    return {
      writes: countOf('write'),
      syncs: countOf('sync'),
      commits: digests.length - 1,
      states: seen.size,
      early,
      problems,
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};
