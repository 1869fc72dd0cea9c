/**
 * A store from SwingSet with vats that keep things, for adoptions: what it had when SwingSet left
 * it, and what must be found in it after restarts here.
 */
import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RunPolicy } from '../../../lib/types/policies.js';
import { checkKernelState } from '../../../lib/state/check-kernel-state.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import { auditVatstore, readRows } from '../../kernel/support/vatstore-audit.js';
import { startLife, type Life, type LifeOptions } from '../../support/swingset.js';
import { deviceEndowments, keepersConfig, makeOriginal, type Original } from './swingset-store.js';

const dynamic = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8', 'k9'] as const;

/** The live keepers. k8 is deleted; k9 is terminated but not yet cleaned up. */
export const alive: readonly string[] = [
  'static',
  ...dynamic.filter(name => name !== 'k8' && name !== 'k9'),
];

export interface Reading {
  readonly notes: readonly string[];
  readonly vatParameters: unknown;
}

export interface Keepers {
  /** Result promises of the messages that SwingSet left in queues. */
  readonly queued: readonly string[];
  readonly vatIDOf: ReadonlyMap<string, string>;
  /** The vatstore of each keeper, as SwingSet left it. */
  readonly rowsBefore: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Boots our kernel on a copy of the store. */
  open(options?: Partial<LifeOptions>): Promise<Life>;
  read(life: Life, name: string): Promise<Reading>;
  /** Nothing contradicts itself; what the former host still holds is not known here. */
  check(life: Life): void;
  /** Each keeper's report after the restart and the queued messages. */
  expectAllKept(life: Life, lives: number): Promise<void>;
  remove(): Promise<void>;
}

/** Ends a run after some cranks. Does not clean up terminated vats. */
const cranks = (count: number): RunPolicy => {
  let left = count;
  const goOn = () => (left -= 1) > 0;
  return {
    vatCreated: goOn,
    crankComplete: goOn,
    crankFailed: goOn,
    emptyCrank: goOn,
    allowCleanup: () => false,
  };
};

/** Returns the keepers' reports, and the result promises of queued messages. */
const fill = async ({ ask, queue, run }: Original) => {
  for (const name of dynamic) await ask('create', name, { of: name });
  for (const name of ['static', ...dynamic]) {
    for (const text of ['one', 'two']) await ask('send', name, 'note', `${name} ${text}`);
    await ask('send', name, 'keep', 'number', BigInt(name.length));
    await ask('obtain', `account ${name}`, name, 'open', `owner at ${name}`);
    await ask('send', `account ${name}`, 'add', 5n);
  }
  // k1 keeps accounts of the others, k2 holds one where a restart forgets it, k3 recognizes one.
  for (const name of ['k2', 'k3', 'k4']) await ask('giveAs', name, `account ${name}`, 'k1');
  await ask('give', 'account k1', 'k2', 'holdLoosely');
  await ask('give', 'account k1', 'k3', 'recognize', 'the first');
  await ask('giveDevice', 'k4');
  await ask('send', 'k4', 'count');
  await ask('watchBy', 'lost', 'k5');
  await ask('send', 'k5', 'watchOwn', 'own');
  await ask('passPromise', 'k6', 'k7', 'of k6');
  expect(await ask('upgrade', 'k6', { of: 'an upgrade' })).to.deep.equal({ incarnationNumber: 1 });
  await ask('upgrade', 'k7', { of: 'an upgrade' });
  await ask('upgrade', 'k7', { of: 'another' });
  await ask('terminate', 'k8');
  const earlier = new Map<string, Reading>();
  for (const name of alive) earlier.set(name, (await ask('send', name, 'read')) as Reading);
  await ask('send', 'account k1', 'read');

  queue('terminate', 'k9');
  await run(cranks(8));
  const queued = ['one', 'two', 'three'].map(text => queue('send', 'k1', 'note', `queued ${text}`));
  queued.push(queue('send', 'account k2', 'add', 7n));
  // Some get as far as boot, or the queue of the vat they are for.
  await run(cranks(12));
  queued.push(queue('send', 'k4', 'count'));
  return { earlier, queued };
};

const readVats = async (path: string) => {
  const vatIDOf = new Map<string, string>();
  const rowsBefore = new Map<string, ReadonlyMap<string, string>>();
  const { kernelStorage, hostStorage } = openSwingStore(path);
  for (const [key, text] of readRows(kernelStorage.kvStore, 'v')) {
    const vatID = /^([0-9]+)\.options$/.exec(key)?.[1];
    const { name } = vatID ? (JSON.parse(text) as { name?: string }) : {};
    if (name === undefined) continue;
    vatIDOf.set(name, `v${vatID}`);
    rowsBefore.set(name, readRows(kernelStorage.kvStore, `v${vatID}.vs.`));
  }
  await hostStorage.close();
  return { vatIDOf, rowsBefore };
};

/** Makes a store with SwingSet and uses it. */
export const makeKeepers = async (): Promise<Keepers> => {
  const base = await mkdtemp(join(tmpdir(), 'adoption-'));
  const original = await makeOriginal(join(base, 'original'));
  const { earlier, queued } = await fill(original).finally(() => original.close());
  let copies = 0;
  const copy = (): string => {
    copies += 1;
    const path = join(base, `copy ${copies}`);
    cpSync(join(base, 'original'), path, { recursive: true });
    return path;
  };
  const { vatIDOf, rowsBefore } = await readVats(copy());

  const keepers: Keepers = {
    queued,
    vatIDOf,
    rowsBefore,
    open: options =>
      startLife({
        config: keepersConfig,
        deviceEndowments,
        store: { path: copy() },
        checkAtEnd: false,
        ...options,
      }),
    read: (life, name) => life.call('boot', 'send', name, 'read') as Promise<Reading>,
    check: life => {
      const findings = checkKernelState(life.kernelStorage);
      expect(findings.filter(({ severity }) => severity !== 'held')).to.deep.equal([]);
      for (const name of alive) {
        const { problems } = auditVatstore(life.kernelStorage.kvStore, vatIDOf.get(name) ?? '');
        expect(problems, name).to.deep.equal([]);
      }
    },
    expectAllKept: async (life, lives) => {
      const added: Record<string, string[]> = {
        k1: ['queued one', 'queued two', 'queued three'],
        k5: ['lost rejected vatUpgraded', 'own rejected vatUpgraded'],
      };
      for (const name of alive) {
        const now = await keepers.read(life, name);
        const then = earlier.get(name)!;
        expect(now, name).to.deep.equal({ ...then, notes: now.notes });
        expect(now.notes.slice(0, then.notes.length), name).to.deep.equal(then.notes);
        expect(now.notes.slice(then.notes.length).sort(), name).to.have.members(added[name] ?? []);
        const more = { k6: 1, k7: 2 }[name] ?? 0;
        expect(await life.call('boot', 'send', name, 'lives'), name).to.equal(lives + more);
      }
      const { notes } = await keepers.read(life, 'k1');
      expect(notes.slice(-3)).to.deep.equal(added['k1']);
      for (const name of alive) {
        expect(await life.call('boot', 'send', `account ${name}`, 'read')).to.deep.equal([
          `owner at ${name}`,
          name === 'k2' ? 12n : 5n,
        ]);
      }
      expect(await life.call('boot', 'send', 'k1', 'askKept', 'k4', 'read')).to.deep.equal([
        'owner at k4',
        5n,
      ]);
      expect(await life.call('boot', 'give', 'account k1', 'k3', 'labelOf')).to.equal('the first');
      expect(await life.call('boot', 'send', 'k4', 'count')).to.equal(3);
    },
    remove: () => rm(base, { recursive: true, force: true }),
  };
  return keepers;
};
