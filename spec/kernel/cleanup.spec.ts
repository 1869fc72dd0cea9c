import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import type { CleanupBudget, RunPolicy } from '../../lib/types/policies.js';
import { withBundles } from '../support/shared-bundles.js';
import { sourceOf, startLife } from '../support/swingset.js';

const ROWS = 100_000;
const OBJECTS = 3000;
const BUDGET = 2000;

/** As a host with blocks has it: a little cleanup in each, and all messages of the block. */
const onceIn = (
  budget: CleanupBudget,
  noteCleanup: (cleanups: Readonly<Record<string, number>>) => void,
): RunPolicy => {
  let allowed = true;
  return {
    vatCreated: () => true,
    crankComplete: () => true,
    crankFailed: () => true,
    emptyCrank: () => true,
    allowCleanup: () => (allowed ? budget : false),
    didCleanup: ({ cleanups }) => {
      allowed = false;
      noteCleanup(cleanups);
      return true;
    },
  };
};

describe('what a terminated vat leaves behind', () => {
  it(`of ${ROWS} rows and ${OBJECTS} objects each way, goes bit by bit between messages`, async () => {
    const hoarder = {
      sourceSpec: sourceOf(import.meta.url, './vats/hoarder.js'),
      creationOptions: { managerType: 'local', enableSetup: true } as const,
    };
    const life = await startLife({
      worker: 'local',
      config: await withBundles({ vats: { ann: hoarder, ben: hoarder } }),
    });
    const { controller } = life;
    const who = (name: string) => ({
      root: kslot(controller.pinVatRoot(name)),
      id: controller.vatNameToID(name),
    });
    const [ann, ben] = [who('ann'), who('ben')];
    for (let from = 0; from < ROWS; from += 20_000) await life.call('ann', 'fill', from, 20_000);
    await life.call('ann', 'export', 0, OBJECTS, ben.root);
    await life.call('ben', 'export', 0, OBJECTS, ann.root);
    const entries = (id: string, prefix: string) =>
      controller
        .dump()
        .kernelTable.filter(([, owner, vref]) => owner === id && vref.startsWith(prefix));
    expect([entries(ann.id, 'o+').length, entries(ann.id, 'o-').length]).to.deep.equal([
      OBJECTS + 1,
      OBJECTS + 1,
    ]);
    const countRows = () => {
      let rows = 0;
      const { kvStore } = life.kernelStorage;
      const prefix = `${ann.id}.`;
      for (let key = kvStore.getNextKey(prefix); key?.startsWith(prefix); rows += 1) {
        key = kvStore.getNextKey(key);
      }
      return rows;
    };

    controller.terminateVat(ann.id, { body: '#"over"', slots: [] });
    const spent: Record<string, number>[] = [];
    const isLeft = () => {
      const next = life.kernelStorage.kvStore.getNextKey(`${ann.id}.`);
      return next?.startsWith(`${ann.id}.`) ?? false;
    };
    let before = 0;
    let blocks = 0;
    for (; isLeft(); blocks += 1) {
      const kpid = controller.queueToVatRoot('ben', 'fill', [blocks, 1]);
      await life.run(onceIn({ default: BUDGET }, cleanups => spent.push({ ...cleanups })));
      expect(life.resultOf(kpid)).to.equal(1);
      if (blocks === 5) before = countRows();
      if (blocks === 6) expect(countRows()).to.equal(before - BUDGET);
    }

    const total = (kind: string) => spent.reduce((sum, each) => sum + (each[kind] ?? 0), 0);
    expect([total('exports'), total('imports')]).to.deep.equal([OBJECTS + 1, OBJECTS + 1]);
    expect(total('kv')).to.be.within(ROWS, ROWS + 20);
    for (const each of spent) {
      for (const kind of ['exports', 'imports', 'promises', 'kv', 'snapshots', 'transcripts']) {
        expect(each[kind] ?? 0, kind).to.be.at.most(BUDGET);
      }
    }
    // What is left of the exports leaves room for imports, and what is left of those for rows.
    expect(spent.length).to.equal(2 + Math.ceil(total('kv') / BUDGET));
    expect(blocks).to.equal(spent.length);
    // What ben still holds of ann's stays, as objects of nobody; what ann held of ben's is let go.
    expect(entries(ben.id, 'o-').length).to.equal(OBJECTS + 1);
    const orphans = controller.dump().objects.filter(([, owner]) => owner === undefined);
    expect(orphans.length).to.equal(OBJECTS + 1);
    const told = (dispatch: string) =>
      life.slog
        .filter(each => each.type === 'deliver' && each['dispatch'] === dispatch)
        .flatMap(each => (each['vd'] as [string, string[]])[1]);
    expect(told('dropExports').length).to.equal(OBJECTS);
    expect(told('retireExports').length).to.equal(OBJECTS);
  });
});
