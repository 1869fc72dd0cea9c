/**
 * Issue 10, section 7: a damaged row of the kernel's tables is an error that names it, or harms
 * nothing. `DAMAGED_ROWS=all` boots with every damage to a row of each kind; the default is a draw.
 */
import { expect } from 'chai';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import { SwingsetError, type DamagedRowError } from '../../lib/errors.js';
import { kslot } from '../../lib/kernel/delivery/kmarshal.js';
import { readEpochLedger } from '../../lib/platform-epoch/ledger.js';
import { checkKernelState } from '../../lib/state/check-kernel-state.js';
import { codecOfKey } from '../../lib/state/row-of-key.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import type { KernelStorage, KVStore } from '../../lib/store/types.js';
import { collectProblems } from '../support/attempts.js';
import { makeRandom } from '../support/random.js';
import { sourceOf, startLife } from '../support/swingset.js';

const holder = { sourceSpec: sourceOf(import.meta.url, '../kernel/vats/holder.js') };

/** A store with rows of most kinds. */
const makeStore = async (): Promise<Buffer> => {
  const life = await startLife({
    config: { vats: { alice: holder, bob: holder }, bundles: { more: holder } },
    worker: 'local',
    platformEpoch: 1,
    checkAtEnd: false,
  });
  const { controller } = life;
  controller.pinVatRoot('alice');
  const bob = controller.pinVatRoot('bob');
  const promise = controller.queueToVatRoot('bob', 'makePromise', ['p'], 'logFailure');
  const answer = controller.queueToVatObject(kslot(promise), 'hello');
  const thing = controller.queueToVatRoot('bob', 'makeObject');
  await life.call('alice', 'hold', kslot(bob), kslot(promise), kslot(answer), kslot(thing));
  controller.pauseVat(controller.vatNameToID('bob'));
  controller.queueToVatRoot('bob', 'hold', [kslot(thing)]);
  await life.run();
  controller.queueToVatRoot('alice', 'drop');
  const { kvStore } = life.kernelStorage;
  kvStore.set('m1.remaining', '1000');
  kvStore.set('m1.threshold', '10');
  await life.hostStorage.commit();
  const serialized = life.store.debug.serialize();
  await life.close();
  return serialized;
};

/** Keys of the tables, of each kind one: `v1.options` and `v2.options` are of a kind. */
const keysByKind = (kvStore: KVStore): ReadonlyMap<string, string> => {
  const kinds = new Map<string, string>();
  for (let key = kvStore.getNextKey(''); key !== undefined; key = kvStore.getNextKey(key)) {
    if (codecOfKey(key)) kinds.set(key.replace(/\d+/g, '#'), key);
  }
  return kinds;
};

const damages: Readonly<Record<string, (text: string) => string | undefined>> = {
  missing: () => undefined,
  shortened: text => text.slice(0, text.length >> 1),
  empty: () => '',
  null: () => 'null',
  'a list': () => '[]',
  'a record': () => '{}',
  'a list of nulls': () => '[null,null]',
  'a text': () => '"x"',
  'a huge number': () => '9007199254740993',
  'huge bounds': () => '[0,9007199254740991]',
  'beyond all numbers': () => '1e999',
  'without end': text => `${text}${'['.repeat(100_000)}`,
};

interface Damage {
  readonly what: string;
  readonly key: string;
  readonly value: string | undefined;
}

const damagesOf = (kvStore: KVStore): readonly Damage[] =>
  [...keysByKind(kvStore).values()].flatMap(key =>
    Object.entries(damages).map(([what, change]) => ({
      what: `${key}: ${what}`,
      key,
      value: change(kvStore.get(key) ?? ''),
    })),
  );

const put = ({ kvStore }: KernelStorage, key: string, value: string | undefined): void => {
  if (value === undefined) kvStore.delete(key);
  else kvStore.set(key, value);
};

const untyped = (what: string, errors: readonly unknown[]): readonly string[] =>
  errors
    .filter(error => !(error instanceof SwingsetError && error.code.length > 0))
    .map(
      error => `${what}: ${error instanceof Error ? error.stack?.slice(0, 500) : String(error)}`,
    );

const quiet = { log() {}, info() {}, warn() {}, error() {}, debug() {} };

/** Boots, looks, works and stops as a host does; gives what went wrong. */
const live = async (kernelStorage: KernelStorage, platformEpoch: number): Promise<unknown[]> => {
  const { problems, attempt } = collectProblems();
  await attempt(async () => {
    const controller = await makeSwingsetController(
      kernelStorage,
      {},
      {
        console: quiet,
        platformEpoch,
      },
    );
    await attempt(() => controller.getStatus());
    await attempt(() => controller.dump());
    await attempt(() => controller.unpauseVat('v2'));
    await attempt(() => controller.queueToVatRoot('alice', 'makeObject', []));
    await attempt(async () => controller.run());
    await attempt(async () => controller.shutdown());
  });
  return problems;
};

describe('a damaged row of the kernel’s tables', () => {
  let serialized: Buffer;
  const open = () => initSwingStore(null, { serialized });
  before(async () => {
    serialized = await makeStore();
  });

  it('is named by the checker, and the ledger is read or refused', async () => {
    const { kernelStorage, hostStorage } = open();
    const { kvStore } = kernelStorage;
    const silent: string[] = [];
    const wrong: string[] = [];
    for (const { what, key, value } of damagesOf(kvStore)) {
      const intact = kvStore.get(key);
      put(kernelStorage, key, value);
      try {
        readEpochLedger(kernelStorage);
      } catch (error) {
        wrong.push(...untyped(what, [error]));
      }
      const findings = checkKernelState(kernelStorage);
      const isUnreadable = value !== undefined && codecOfKey(key)?.decode(value) === undefined;
      const isNamed = findings.some(found => found.key === key && found.kind === 'malformed-row');
      if (isUnreadable && !isNamed) silent.push(what);
      put(kernelStorage, key, intact);
    }
    await hostStorage.close();
    expect(wrong).to.deep.equal([]);
    expect(silent).to.deep.equal([]);
  });

  it('stops a kernel with a typed error, or not at all', async function () {
    const { kernelStorage: intact, hostStorage } = open();
    const all = damagesOf(intact.kvStore);
    await hostStorage.close();
    const random = makeRandom(10);
    const wanted = process.env.DAMAGED_ROWS ?? '10';
    const drawn =
      wanted === 'all' ? all : Array.from({ length: Number(wanted) }, () => random.pick(all)!);
    if (wanted === 'all') this.timeout(0);
    const wrong: string[] = [];
    for (const { what, key, value } of drawn) {
      const { kernelStorage, hostStorage: ends } = open();
      put(kernelStorage, key, value);
      wrong.push(...untyped(what, await live(kernelStorage, 1 + random.below(2))));
      await ends.close();
    }
    expect(wrong).to.deep.equal([]);
  });

  it('is the error of a run whose vat could not be served, and no rejection is unhandled', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', listener);
    try {
      const { kernelStorage, hostStorage } = open();
      // Liveslots exports an object in a syscall that it makes when a promise of its own resolves.
      put(kernelStorage, 'ko.nextID', '1e999');
      const errors = await live(kernelStorage, 1);
      await new Promise(setImmediate);
      await hostStorage.close();
      const causes = errors.map(error => (error as Error).cause);
      expect(causes.map(cause => (cause as DamagedRowError | undefined)?.key)).to.include(
        'ko.nextID',
      );
      expect(unhandled).to.deep.equal([]);
    } finally {
      process.off('unhandledRejection', listener);
    }
  });
});
