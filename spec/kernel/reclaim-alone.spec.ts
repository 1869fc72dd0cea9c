/**
 * A restart never runs the old incarnation (design.md 4, step 1): what a last bringOutYourDead would
 * have freed, reclaim finds in the tables. Random programs show it: after the restart, the vat has
 * the rows and the c-list that it has when it received a bringOutYourDead first.
 * `RECLAIM_SEEDS=500 npx mocha spec/kernel/reclaim-alone.spec.ts` runs as many programs.
 */
import { expect } from 'chai';
import { kslot } from '@agoric/kmarshal';
import { makeRandom, type Random } from '../support/random.js';
import { withBundles } from '../support/shared-bundles.js';
import { sourceOf, startLife, type Life } from '../support/swingset.js';
import { readRows } from './support/vatstore-audit.js';

const SEEDS = Number(process.env['RECLAIM_SEEDS'] ?? 4);
const FIRST_SEED = Number(process.env['RECLAIM_FIRST_SEED'] ?? 1);

type Op = readonly [op: string, ...args: (string | null | Op)[]];

/** In which roles a thing of each kind holds another; the first are the likelier ones. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  box: ['content'],
  reader: [],
  writer: ['content'],
  virtual: ['content'],
  far: [],
  map: ['value', 'value', 'key', 'both'],
  set: ['member'],
  weakMap: ['key', 'both'],
  weakSet: ['member'],
  virtualMap: ['value', 'key', 'both'],
  virtualSet: ['member'],
  virtualWeakMap: ['key', 'both'],
};
const KINDS = ['box', 'box', 'box', 'map', 'weakMap', 'weakSet', ...Object.keys(ROLES)];

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
  const named = (...wanted: string[]): string[] =>
    [...kinds].flatMap(([name, kind]) => (wanted.includes(kind) ? [name] : []));
  const pick = (): string => random.pick(kinds.keys()) ?? 'nothing';
  const link = (holder: string): Op => {
    const role = random.pick(ROLES[kinds.get(holder) ?? ''] ?? []);
    return role === undefined ? ['persist', holder] : ['link', holder, pick(), role];
  };
  const localOp = (): Op => {
    const die = random.below(100);
    if (die < 20) {
      const kind = random.pick(KINDS) ?? 'box';
      return ['make', fresh(kind), kind];
    }
    // Most of what holds other things is durable, and outlives the shelf.
    if (die < 32)
      return ['persist', random.pick(named('map', 'weakMap', 'weakSet', 'set')) ?? pick()];
    if (die < 70) return link(pick());
    if (die < 76) return ['unlink', pick(), pick()];
    if (die < 79) return ['empty', pick()];
    if (die < 84) return ['persist', pick()];
    if (die < 91) return ['unpersist', pick()];
    if (die < 94) return ['fetch', pick()];
    return ['forget', pick()];
  };
  for (let index = 0; index < length; index += 1) {
    const die = random.below(100);
    if (die < 30) program.push(['send', fresh('import')]);
    else if (die < 70) {
      program.push(['work', ...Array.from({ length: 1 + random.below(12) }, localOp)]);
    } else if (die < 80) program.push(['take', pick()]);
    else if (die < 86) program.push(['drop', pick()]);
    else if (die < 89) program.push(['return', pick(), fresh('returned')]);
    else if (die < 92) program.push(['watch', fresh('watched')]);
    else if (die < 94) program.push(['awaitInRAM', fresh('awaited')]);
    else if (die < 97) program.push(['owe', fresh('owed'), random.chance(50) ? `o${index}` : null]);
    else program.push(['settle', pick()]);
  }
  return program;
};

const startPair = async (): Promise<Life> => {
  const never = { reapInterval: 'never', reapGCKrefs: 'never' } as const;
  const life = await startLife({
    config: await withBundles({
      bootstrap: 'driver',
      vats: {
        driver: {
          sourceSpec: sourceOf(import.meta.url, 'vats/random-driver.js'),
          creationOptions: { ...never, managerType: 'local' },
        },
        holder: {
          sourceSpec: sourceOf(import.meta.url, 'vats/random-holder.js'),
          creationOptions: { ...never, managerType: 'xsnap' },
        },
      },
      // A snapshot has a bringOutYourDead before it, which would be in the way.
      snapshotInitial: 10_000,
    }),
    platformEpoch: 1,
  });
  await life.run();
  return life;
};

/** Everything that a bringOutYourDead could have freed: rows, c-list, and the kernel's counts. */
const remains = (life: Life) => {
  const { kvStore } = life.kernelStorage;
  const holder = life.controller.vatNameToID('holder');
  const byKey = (rows: ReadonlyMap<string, string>) => Object.fromEntries(rows);
  return {
    rows: byKey(readRows(kvStore, `${holder}.vs.`)),
    clist: byKey(readRows(kvStore, `${holder}.c.`)),
    objects: byKey(new Map([...readRows(kvStore, 'ko')].filter(([key]) => key !== '.nextID'))),
    promises: byKey(new Map([...readRows(kvStore, 'kp')].filter(([key]) => key !== '.nextID'))),
  };
};

const play = async (program: readonly Op[], { reapFirst }: { reapFirst: boolean }) => {
  const life = await startPair();
  const holder = kslot(life.controller.getRootObject(life.controller.vatNameToID('holder')));
  await life.call('driver', 'run', holder, program);
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

describe('reclaim without a last bringOutYourDead', () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
    it(`leaves what reclaim after one leaves, random program ${seed}`, async () => {
      const program = makeProgram(makeRandom(seed), 50);
      const expected = await play(program, { reapFirst: true });
      expect(Object.keys(expected.rows).length).to.be.above(10);
      expect(await play(program, { reapFirst: false })).to.deep.equal(expected);
    });
  }
});
