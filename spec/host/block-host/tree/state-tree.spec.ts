import { expect } from 'chai';
import fc from 'fast-check';
import type { Rows } from '../../../../lib/host/block-host/rows.js';
import {
  exportEntryKey,
  openStateTree,
  rebuildStateTree,
  stateEntries,
} from '../../../../lib/host/block-host/tree/state-tree.js';
import type { StateTree } from '../../../../lib/host/block-host/tree/state-tree.js';
import { DamagedRowError } from '../../../../lib/errors.js';
import { makeSwingStoreExporter } from '../../../../lib/store/exporter.js';
import { initSwingStore, openSwingStore } from '../../../../lib/store/swing-store.js';
import { useTempDirs } from '../../../store/support/dirs.js';
import { runCrankScript, runVatScript } from '../../../store/support/script.js';
import { crowdedKeys, rootByDefinition } from './reference.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const EMPTY_ROOT = rootByDefinition(new Map());

/** Chains have them in their headers, so they never change. */
const KNOWN_ROOTS = [
  'fb50dc0717ff266cf9baf82b1ce7a1c2ef6d9247859680b11a19fb7077f5f222',
  'd660b33a8f568846c41d9e6124935890d63816e30e5e3687e7edc3737680e4ee',
  '734342666628733fa0fc98ce4966adf0f650172b843a91e608de5e4b3133b8ba',
  '65d911b0b75b2b7e24dc68cc88c75a2397271a994a5664bc7c26fc2bf1587d4a',
  'f2d3160a21fedf34db5bf3877e6d377aa31fe4b65dd7981d4eb33c1d0ee861b6',
];

/** Counts what the tree reads and writes. */
const counting = (rows: Rows) => {
  const counts = { reads: 0, writes: 0 };
  const counted: Rows = {
    get: key => {
      counts.reads += 1;
      return rows.get(key);
    },
    getNextKey: key => rows.getNextKey(key),
    set: (key, value) => {
      counts.writes += 1;
      rows.set(key, value);
    },
    delete: key => {
      counts.writes += 1;
      rows.delete(key);
    },
  };
  return { counts, counted };
};

const treeRows = (rows: Rows): string[] => {
  const keys: string[] = [];
  let key = rows.getNextKey('host.tree');
  while (key?.startsWith('host.tree.')) {
    keys.push(key);
    key = rows.getNextKey(key);
  }
  return keys;
};

async function* toAsync(entries: Iterable<[string, string]>) {
  yield* entries;
}

type Change = readonly [key: string, value: string | null];
type Step =
  | { readonly do: 'change'; readonly changes: readonly Change[] }
  | { readonly do: 'root' | 'discard' | 'reopen' };

const crowded = crowdedKeys(4, 1500);

const keys = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...crowded) },
  fc.integer({ min: 0, max: 60 }).map(n => `k${n}`),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const change: fc.Arbitrary<Change> = fc.tuple(
  keys,
  fc.option(fc.string({ unit: 'binary', maxLength: 3 }), { freq: 2, nil: null }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(change, { maxLength: 40 })
      .map(changes => ({ do: 'change' as const, changes })),
  },
  { weight: 3, arbitrary: fc.constant({ do: 'root' as const }) },
  fc.constant({ do: 'discard' as const }),
  fc.constant({ do: 'reopen' as const }),
);

const applyTo = (model: Map<string, string>, changes: readonly Change[]): void => {
  for (const [key, value] of changes) {
    if (value === null) model.delete(key);
    else model.set(key, value);
  }
};

describe('the state tree', () => {
  const tempDir = useTempDirs();
  const newRows = (): Rows => initSwingStore(null).hostStorage.kvStore;

  it('has known roots', () => {
    const tree = openStateTree(newRows());
    const roots = [hex(tree.root())];
    for (const [key, value] of [
      ['x.kv.a', '1'],
      ['x.kv.b', ''],
      ['c.params', '{"blockComputrons":65000000}'],
      ['x.kv.Schlüssel 🗝', 'Wert'],
    ] as const) {
      tree.note(key, value);
      roots.push(hex(tree.root()));
    }
    expect(roots).to.deep.equal(KNOWN_ROOTS);
  });

  it('has the root of its definition after any changes, and equals a tree built at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 14 }),
        fc.integer({ min: 0, max: 3 }),
        async (steps, cachedBranches) => {
          const rows = newRows();
          const open = (): StateTree => openStateTree(rows, { cachedBranches });
          let tree = open();
          let flushed = new Map<string, string>();
          let present = new Map<string, string>();
          for (const step of [...steps, { do: 'root' } as const]) {
            switch (step.do) {
              case 'change':
                for (const [key, value] of step.changes) tree.note(key, value);
                applyTo(present, step.changes);
                break;
              case 'root':
                expect(hex(tree.root())).to.equal(rootByDefinition(present));
                flushed = new Map(present);
                break;
              case 'discard':
                tree.discard();
                present = new Map(flushed);
                break;
              case 'reopen':
                tree = open();
                present = new Map(flushed);
                break;
              default:
                step satisfies never;
            }
          }
          const atOnce = newRows();
          await rebuildStateTree(atOnce, toAsync(present));
          const contents = (of: Rows) => treeRows(of).map(key => [key, of.get(key)]);
          expect(contents(rows)).to.deep.equal(contents(atOnce));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is empty without rows, and again when all keys are deleted', () => {
    const rows = newRows();
    const tree = openStateTree(rows);
    expect(hex(tree.root())).to.equal(EMPTY_ROOT);
    crowded.forEach(key => tree.note(key, 'v'));
    expect(hex(tree.root())).not.to.equal(EMPTY_ROOT);
    expect(treeRows(rows)).to.have.length.greaterThan(5);
    crowded.forEach(key => tree.note(key, null));
    tree.note('never there', null);
    expect(hex(tree.root())).to.equal(EMPTY_ROOT);
    expect(treeRows(rows)).to.deep.equal([]);
  });

  it('writes nothing for changes that change nothing', () => {
    const { counts, counted } = counting(newRows());
    const tree = openStateTree(counted);
    crowded.forEach(key => tree.note(key, 'v'));
    const before = hex(tree.root());
    counts.writes = 0;
    crowded.forEach(key => tree.note(key, key === crowded[3] ? 'other' : 'v'));
    tree.note(crowded[3]!, 'v');
    tree.note('not there', null);
    expect(hex(tree.root())).to.equal(before);
    expect(counts.writes).to.equal(0);
  });

  for (const size of [10, 1_000, 100_000]) {
    it(`costs as much as the changes and the depth, with ${size} keys`, async () => {
      const { counts, counted } = counting(newRows());
      const entries = Array.from({ length: size }, (_, i): [string, string] => [`k${i}`, `${i}`]);
      const tree = await rebuildStateTree(counted, toAsync(entries));
      const depth = Math.log(size) / Math.log(16);
      // A leaf's branch is at most a few levels below the average one.
      const limit = 5 * Math.ceil(depth + 2);
      for (const cached of [tree, openStateTree(counted, { cachedBranches: 0 })]) {
        counts.reads = 0;
        counts.writes = 0;
        for (let i = 0; i < 4; i += 1) cached.note(`k${i}`, `changed ${cached === tree}`);
        cached.note(`new ${cached === tree}`, 'value');
        cached.root();
        expect(counts.reads).to.be.lessThanOrEqual(limit);
        expect(counts.writes).to.be.lessThanOrEqual(limit).and.greaterThan(0);
      }
    });
  }

  it('survives a restart of the process, and loses what was not committed', async () => {
    const dirPath = tempDir();
    const one = openSwingStore(dirPath);
    const tree = openStateTree(one.hostStorage.kvStore);
    crowded.forEach(key => tree.note(key, 'v'));
    const committed = hex(tree.root());
    await one.hostStorage.commit();
    tree.note('later', 'v');
    expect(hex(tree.root())).not.to.equal(committed);
    await one.hostStorage.close();
    const two = openSwingStore(dirPath);
    const again = openStateTree(two.hostStorage.kvStore);
    expect(hex(again.root())).to.equal(committed);
    again.note('later', 'v');
    again.note('later', null);
    expect(hex(again.root())).to.equal(committed);
    await two.hostStorage.close();
  });

  it('takes keys that SQLite stores alike for one key', () => {
    const tree = openStateTree(newRows());
    // Lone surrogates become U+FFFD in UTF-8.
    tree.note('\ud800', 'first');
    tree.note('\udfff', 'second');
    tree.note('\ud800', 'third');
    const same = openStateTree(newRows());
    same.note('\ufffd', 'third');
    expect(hex(tree.root())).to.equal(hex(same.root()));
  });

  it('names a damaged row', () => {
    const rows = newRows();
    const tree = openStateTree(rows);
    crowded.forEach(key => tree.note(key, 'v'));
    tree.root();
    const [, second = ''] = treeRows(rows);
    for (const damaged of [undefined, 'AAAA', 'no branch', '']) {
      if (damaged === undefined) rows.delete(second);
      else rows.set(second, damaged);
      tree.discard();
      crowded.forEach(key => tree.note(key, 'w'));
      expect(() => tree.root())
        .to.throw(DamagedRowError, second)
        .with.property('code', 'DAMAGED_ROW');
    }
  });

  const rootOfExport = async (dirPath: string): Promise<string> => {
    const exporter = makeSwingStoreExporter(dirPath);
    const reader = openSwingStore(dirPath, { readOnly: true });
    const { kvStore } = reader.hostStorage;
    const rebuilt = await rebuildStateTree(
      newRows(),
      stateEntries(exporter.getExportData(), kvStore),
    );
    await exporter.close();
    await reader.hostStorage.close();
    return hex(rebuilt.root());
  };

  it('follows a store through exportCallback', async () => {
    const dirPath = tempDir();
    const store = openSwingStore(dirPath, {
      exportCallback: changes => {
        for (const [key, value] of changes) tree.note(exportEntryKey(key), value);
      },
    });
    const tree: StateTree = openStateTree(store.hostStorage.kvStore);
    const check = async (): Promise<void> => {
      store.hostStorage.announceExports();
      const root = hex(tree.root());
      await store.hostStorage.commit();
      expect(await rootOfExport(dirPath)).to.equal(root);
    };
    await runVatScript(store);
    await check();
    runCrankScript(store);
    await check();
    store.kernelStorage.transcriptStore.deleteVatTranscripts('v2');
    store.kernelStorage.snapStore.deleteVatSnapshots('v2');
    await check();
    store.hostStorage.kvStore.set('host.chain.params', '{}');
    tree.note('c.params', '{}');
    store.hostStorage.kvStore.set('host.local.height', '7');
    await check();
    await store.hostStorage.close();
  });
});
