/** `replay`, `platform` and `kernel-dump`, on the store of an xsnap vat with several snapshots. */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { initializeSwingset } from '../../lib/controller/initialize.js';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import type { ListedBundle } from '../../lib/host/bundle-list.js';
import { ReplayImpossibleError, type ReplayResult } from '../../lib/host/replay-transcript.js';
import type { PlatformStatus } from '../../lib/host/platform-status.js';
import type { KernelDump } from '../../lib/kernel/facets/dump.js';
import { EMPTY_SPAN_HASH, extendSpanHash } from '../../lib/store/transcript-hash.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import { bundleCachePath } from '../support/bundle-cache.js';
import { failureOf } from '../support/failure.js';
import { sourceOf } from '../support/swingset.js';
import { runCommand } from './support.js';

const holder = { sourceSpec: sourceOf(import.meta.url, '../kernel/vats/holder.js') };
const adder = {
  sourceSpec: sourceOf(import.meta.url, '../controller/fixtures/device-adder.js'),
  creationOptions: { unendowed: true },
};
const FILE = 'swingstore.sqlite';

interface Item {
  readonly position: number;
  readonly item: string;
}

describe('looking at what vats run on', () => {
  let base: string;
  let home: string;
  let dump: KernelDump;

  before(async () => {
    base = mkdtempSync(join(tmpdir(), 'engine-'));
    home = join(base, 'home');
    const { kernelStorage, hostStorage } = initSwingStore(home);
    const config = {
      ...{ bundleCachePath, defaultManagerType: 'xsnap' as const, vats: { alice: holder } },
      devices: { adder },
      ...{ bootstrap: 'alice', snapshotInitial: 3, snapshotInterval: 4 },
    };
    await initializeSwingset(config, [], kernelStorage, {
      ...{ addComms: false, addVattp: false, addTimer: false, platformEpoch: 'spring' },
    });
    const controller = await makeSwingsetController(kernelStorage);
    controller.pinVatRoot('alice');
    for (let call = 0; call < 8; call += 1) {
      controller.queueToVatRoot('alice', 'makeObject');
      await controller.run();
    }
    await hostStorage.commit();
    dump = controller.dump();
    await controller.shutdown();
    await hostStorage.close();
  });

  after(() => rmSync(base, { recursive: true }));

  const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
  const replay = async (path: string, ...more: readonly string[]) => {
    const { code, text } = await runCommand('replay', 'alice', '--home', path, '--json', ...more);
    return { code, result: JSON.parse(text) as ReplayResult };
  };

  it('replays the current span, and writes nothing', async () => {
    const before = hashOf(join(home, FILE));
    const { code, result } = await replay(home);
    expect(code).to.equal(0);
    const db = new Database(join(home, FILE), { readonly: true });
    const span = db
      .prepare<[], { startPos: number; endPos: number; vatID: string }>(
        "SELECT vatID, startPos, endPos FROM transcriptSpans WHERE isCurrent = 1 AND vatID = 'v1'",
      )
      .get();
    db.close();
    expect(span?.startPos).to.be.greaterThan(0);
    expect(result).to.deep.equal({
      ...{ vatID: 'v1', name: 'alice', incarnation: 0, from: span?.startPos, to: span?.endPos },
      ...{ deliveries: Number(span?.endPos) - Number(span?.startPos) - 1, snapshots: 0 },
      ...{ metering: [], difference: null },
    });
    expect(hashOf(join(home, FILE))).to.equal(before);
  });

  it('replays the whole incarnation, with each snapshot on the way', async () => {
    const { code, result } = await replay(home, '--incarnation');
    expect(code).to.equal(0);
    expect(result).to.include({ from: 0, difference: null });
    expect(result.snapshots).to.be.greaterThan(1);
    expect(result.deliveries).to.be.greaterThan(8);
    const { text } = await runCommand('replay', 'v1', '--home', home, '--incarnation');
    expect(text).to.contain(
      `${result.deliveries} deliveries are as recorded, and ${result.snapshots} snapshots are the same`,
    );
  });

  it('names the first difference', async () => {
    const copy = join(base, 'altered');
    cpSync(home, copy, { recursive: true });
    const db = new Database(join(copy, FILE));
    const { startPos } = db
      .prepare<[], { startPos: number }>(
        "SELECT startPos FROM transcriptSpans WHERE isCurrent = 1 AND vatID = 'v1'",
      )
      .get()!;
    const items = db
      .prepare<[number], Item>(
        "SELECT position, item FROM transcriptItems WHERE vatID = 'v1' AND position >= ? ORDER BY position",
      )
      .all(startPos);
    const altered = items.find(({ item }) => item.includes('"s":["resolve"'))!;
    const entry = JSON.parse(altered.item) as { sc: { s: unknown[] }[]; d: unknown };
    const index = entry.sc.findIndex(({ s }) => s[0] === 'resolve');
    const original = entry.sc[index]!.s;
    entry.sc[index]!.s = ['subscribe', 'p-60'];
    const text = JSON.stringify(entry);
    db.prepare("UPDATE transcriptItems SET item = ? WHERE vatID = 'v1' AND position = ?").run(
      text,
      altered.position,
    );
    const hash = items
      .map(({ position, item }) => (position === altered.position ? text : item))
      .reduce(extendSpanHash, EMPTY_SPAN_HASH);
    db.prepare("UPDATE transcriptSpans SET hash = ? WHERE isCurrent = 1 AND vatID = 'v1'").run(
      hash,
    );
    db.close();

    const { code, result } = await replay(copy);
    expect(code).to.equal(1);
    expect(result.difference).to.deep.equal({
      position: altered.position,
      delivery: entry.d,
      what: `syscall ${index}`,
      expected: ['subscribe', 'p-60'],
      got: original,
    });
    expect(result.deliveries).to.equal(altered.position - startPos - 1);
    const shown = await runCommand('replay', 'alice', '--home', copy);
    expect(shown.code).to.equal(1);
    expect(shown.text).to.contain(
      `the first difference is at position ${altered.position}: syscall ${index}\n`,
    );
    expect(shown.text).to.contain('\nexpected  ["subscribe","p-60"]\n');
  });

  it('refuses to replay what it cannot', async () => {
    const copy = join(base, 'foreign');
    cpSync(home, copy, { recursive: true });
    const db = new Database(join(copy, FILE));
    const sqlOptions = db.prepare<[], string>("SELECT value FROM kvStore WHERE key = 'v1.options'");
    const options = sqlOptions.pluck().get()!;
    db.prepare("UPDATE kvStore SET value = ? WHERE key = 'v1.options'").run(
      options.replace(/"engine":"[^"]*"/, '"engine":"xsnap 9"'),
    );
    db.prepare("DELETE FROM transcriptItems WHERE vatID = 'v1' AND position = 1").run();
    db.close();
    const pruned = await failureOf(runCommand('replay', 'alice', '--home', copy, '--incarnation'));
    expect(pruned).to.be.instanceOf(ReplayImpossibleError);
    expect(String(pruned)).to.contain('the items of its span from 0 on were pruned');
    expect(String(await failureOf(runCommand('replay', 'alice', '--home', copy)))).to.contain(
      "can't replay v1: it runs on xsnap 9, and xsnap ",
    );
    // A boot would refuse as well.
    const { code, text } = await runCommand('platform', '--home', copy);
    expect(code).to.equal(1);
    expect(text).to.match(/\na boot without a new epoch is refused: .*xsnap 9/);
  });

  it('shows what is installed, recorded and used', async () => {
    const { code, text } = await runCommand('platform', '--home', home, '--json');
    expect(code).to.equal(0);
    const status = JSON.parse(text) as PlatformStatus;
    const { installed, recorded, changes, groups, boot } = status;
    expect(installed.engine).to.match(/^xsnap /);
    expect(recorded).to.deep.equal({ ...installed, epoch: 'spring', status: 'baseline' });
    expect(changes).to.deep.equal([]);
    expect(boot).to.deep.equal({ decision: 'accepted', warnings: [] });
    expect(groups).to.have.length(1);
    const { kind: _kind, ...parts } = installed;
    expect(groups[0]?.platform).to.deep.equal({ worker: 'xsnap', ...parts });
    expect(groups[0]?.vats).to.include('v1');
    expect(groups[0]?.images).to.have.length(1);
    expect(groups[0]?.images[0]?.isInStore).to.equal(true);
    const shown = await runCommand('platform', '--home', home);
    expect(shown.text).to.match(new RegExp(`^installed +own, ${installed.id}$`, 'm'));
    expect(shown.text).to.match(/^recorded +own, [0-9a-f]{8}, at epoch spring \(baseline\)$/m);
    expect(shown.text).to.match(/\na boot without a new epoch is accepted$/);
  });

  it('lists the bundles of devices and platforms', async () => {
    const { text } = await runCommand('bundle', 'list', '--home', home, '--json');
    const bundles = JSON.parse(text) as ListedBundle[];
    const ofDevice = bundles.filter(({ devices }) => devices.includes('adder'));
    expect(ofDevice).to.have.length(1);
    expect(ofDevice[0]).to.deep.include({ vats: [], names: [], platformOf: 0 });
    const platform = await runCommand('platform', '--home', home, '--json');
    const { installed, groups } = JSON.parse(platform.text) as PlatformStatus;
    const ofPlatform = bundles.filter(({ platformOf }) => platformOf > 0);
    expect(ofPlatform.map(({ bundleID }) => bundleID)).to.have.members([
      installed.lockdown,
      installed.supervisor,
    ]);
    for (const { platformOf } of ofPlatform) {
      expect(platformOf).to.equal(groups[0]?.vats.length);
    }
    const shown = await runCommand('bundle', 'list', '--home', home);
    expect(shown.text)
      .to.match(RegExp(`^${installed.lockdown} .* the platform of \\d+ vats$`, 'm'))
      .and.to.match(/^b1-\w+ .* device adder$/m);
  });

  it('dumps the tables as the controller does', async () => {
    const { text } = await runCommand('kernel-dump', '--home', home);
    expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify({ ...dump, log: [] })));
    expect(text.split('\n').length).to.be.greaterThan(dump.kernelTable.length);
  });
});
