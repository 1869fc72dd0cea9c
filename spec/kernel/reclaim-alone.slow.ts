/**
 * A restart never loads the old incarnation (design.md 4, step 1): what a last BOYD would have freed,
 * reclaim finds in the tables. Random programs show it. A vat plays one and forgets all that only RAM
 * holds. In a copy of its store it gets a BOYD, so that liveslots itself frees what it can. Then both
 * restart, and end with the same rows, c-list and counts of the kernel.
 * `RECLAIM_SEEDS=500 npx mocha spec/kernel/reclaim-alone.slow.ts` runs as many programs.
 */
import { join } from 'node:path';
import { expect } from 'chai';
import { kslot } from '@agoric/kmarshal';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { copyStore } from '../platform-epoch/support/crash.js';
import { makeRandom, type Random } from '../support/random.js';
import { withBundles } from '../support/shared-bundles.js';
import { makeTempDir, sourceOf, startLife, type Life } from '../support/swingset.js';
import { readRows } from './support/vatstore-audit.js';

const SEEDS = Number(process.env['RECLAIM_SEEDS'] ?? 5);
const FIRST_SEED = Number(process.env['RECLAIM_FIRST_SEED'] ?? 1);

type Op = readonly [op: string, ...args: (string | null | Op)[]];

/** In which roles a thing of each kind holds another; the first are the likelier ones. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  box: ['content'],
  reader: [],
  writer: ['content'],
  virtual: ['content'],
  far: [],
  map: ['value', 'value', 'key', 'entry', 'both'],
  shapedMap: ['value'],
  set: ['member'],
  weakMap: ['entry', 'key', 'both'],
  weakSet: ['member'],
  virtualMap: ['value', 'key', 'entry', 'both'],
  virtualSet: ['member'],
  virtualWeakMap: ['entry', 'key', 'both'],
};
const OFTEN = ['box', 'box', 'reader', 'writer', 'map', 'weakMap', 'weakSet', 'weakSet'];
const KINDS = [...OFTEN, ...Object.keys(ROLES)];
const HOLDERS = KINDS.filter(kind => (ROLES[kind] ?? []).length > 0);

/** Things of all kinds that hold each other in all ways, and the driver some of them. */
const makeProgram = (random: Random, length: number): Op[] => {
  const kinds = new Map<string, string>();
  const program: Op[] = [];
  let count = 0;
  const fresh = (kind: string): string => {
    count += 1;
    const name = `${kind}${count}`;
    kinds.set(name, kind);
    return name;
  };
  const pick = (): string => random.pick(kinds.keys()) ?? 'nothing';
  const make = (kind: string): Op =>
    kind === 'shapedMap' ? ['make', fresh(kind), kind, pick()] : ['make', fresh(kind), kind];
  const link = (holder: string, thing = pick()): Op => {
    const role = random.pick(ROLES[kinds.get(holder) ?? ''] ?? []);
    if (role === undefined) return ['persist', holder];
    return role === 'entry' ? ['link', holder, thing, role, pick()] : ['link', holder, thing, role];
  };
  /** Something new that mostly outlives RAM, and holds something new that mostly does not. */
  const scene = (): Op[] => {
    const made = make(random.pick(HOLDERS) ?? 'box');
    const holder = String(made[1]);
    const known = random.pick([...kinds.keys()].filter(name => kinds.get(name) === 'import'));
    const isImport = known !== undefined && random.chance(30);
    const held = isImport ? [] : [make(random.pick(KINDS) ?? 'box')];
    const thing = isImport ? known : String(held[0]?.[1]);
    return [
      made,
      ...(random.chance(80) ? [['persist', holder] as const] : []),
      ...held,
      link(holder, thing),
      ...(random.chance(30) ? [link(thing)] : []),
      ...(random.chance(20) ? [['persist', thing] as const] : []),
      ...(random.chance(20) ? [['unpersist', holder] as const] : []),
    ];
  };
  const localOps = (): Op[] => {
    const die = random.below(100);
    if (die < 15) return scene();
    if (die < 30) return [make(random.pick(KINDS) ?? 'box')];
    if (die < 66) return [link(pick())];
    if (die < 74) return [['unlink', pick(), pick()]];
    if (die < 78) return [['empty', pick()]];
    if (die < 85) return [['persist', pick()]];
    if (die < 92) return [['unpersist', pick()]];
    if (die < 95) return [['fetch', pick()]];
    return [['forget', pick()]];
  };
  for (let index = 0; index < length; index += 1) {
    const die = random.below(100);
    if (die < 30) program.push(['send', fresh('import')]);
    else if (die < 70) {
      program.push(['work', ...Array.from({ length: 1 + random.below(8) }, localOps).flat()]);
    } else if (die < 80) program.push(['take', pick()]);
    else if (die < 83) {
      const name = pick();
      program.push(['take', name], ['mark', name], ['drop', name]);
    } else if (die < 86) program.push(['drop', pick()]);
    else if (die < 89) program.push(['return', pick(), fresh('returned')]);
    else if (die < 92) program.push(['watch', fresh('watched')]);
    else if (die < 94) program.push(['awaitInRAM', fresh('awaited')]);
    else if (die < 97) program.push(['owe', fresh('owed'), random.chance(50) ? `o${index}` : null]);
    else program.push(['settle', pick()]);
  }
  return program;
};

const makeConfig = (): Promise<SwingSetConfig> => {
  const never = { reapInterval: 'never', reapGCKrefs: 'never' } as const;
  return withBundles({
    bootstrap: 'driver',
    vats: {
      driver: {
        sourceSpec: sourceOf(import.meta.url, 'vats/random-driver.js'),
        creationOptions: { reapInterval: 5, managerType: 'xsnap' },
      },
      holder: {
        sourceSpec: sourceOf(import.meta.url, 'vats/random-holder.js'),
        creationOptions: { ...never, managerType: 'xsnap' },
      },
    },
    // A snapshot has a BOYD before it, which would be in the way.
    snapshotInitial: 10_000,
  });
};

/** Plays a program and leaves its store. */
const play = async (program: readonly Op[], path: string): Promise<void> => {
  const life = await startLife({ config: await makeConfig(), store: { path }, platformEpoch: 1 });
  await life.run();
  const holder = kslot(life.controller.getRootObject(life.controller.vatNameToID('holder')));
  await life.call('driver', 'run', holder, program);
  await life.hostStorage.commit();
  await life.close();
};

/** Everything that a BOYD could have freed: rows, c-list, and the kernel's counts. */
const remains = (life: Life): ReadonlyMap<string, string> => {
  const { kvStore } = life.kernelStorage;
  const holder = life.controller.vatNameToID('holder');
  const found = new Map<string, string>();
  for (const prefix of [`${holder}.vs.`, `${holder}.c.`, 'ko', 'kp']) {
    for (const [key, value] of readRows(kvStore, prefix)) {
      if (key !== '.nextID') found.set(`${prefix}${key}`, value);
    }
  }
  return found;
};

/** Each row that is not the same: what there is, and what there should be. */
const compare = (found: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>) =>
  [...new Set([...found.keys(), ...expected.keys()])]
    .sort()
    .flatMap(key =>
      found.get(key) === expected.get(key) ? [] : [[key, found.get(key), expected.get(key)]],
    );

const restart = async (path: string, { reapFirst }: { reapFirst: boolean }) => {
  const life = await startLife({ config: await makeConfig(), store: { path } });
  await life.call('holder', 'forgetAll');
  if (reapFirst) {
    life.controller.reapAllVats();
    await life.run();
  }
  await life.reboot({ platformEpoch: 2, platformRestart: { exempt: ['driver'] } });
  // What the holder lets go of, the driver is told of; what the driver had let go of, it tells now.
  await life.run();
  life.controller.reapAllVats();
  await life.run();
  const found = remains(life);
  life.check({ quiescent: true });
  await life.close();
  return found;
};

describe('reclaim without a last BOYD', () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
    it(`leaves what a last BOYD and reclaim leave, random program ${seed}`, async () => {
      const directory = makeTempDir();
      const path = join(directory, 'played');
      await play(makeProgram(makeRandom(seed), 50), path);
      const copy = copyStore(path, join(directory, 'reaped'));
      const expected = await restart(copy, { reapFirst: true });
      const found = await restart(path, { reapFirst: false });
      expect(expected.size).to.be.above(20);
      expect(compare(found, expected)).to.deep.equal([]);
    });
  }
});
