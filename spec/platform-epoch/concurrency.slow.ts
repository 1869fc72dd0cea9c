import { spawn as nodeSpawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { BadOptionError } from '../../lib/errors.js';
import { RestartFailedError } from '../../lib/platform-epoch/errors.js';
import type { PlatformRestartOptions } from '../../lib/platform-epoch/restart-options.js';
import type { PlatformRestartProgress } from '../../lib/platform-epoch/types.js';
import { openSwingStore, type SwingStore } from '../../lib/store/swing-store.js';
import type { KVStore } from '../../lib/store/types.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import { withBundles } from '../support/shared-bundles.js';
import { sourceOf, startLife, type Life, type RebootOptions } from '../support/swingset.js';
import { copyStore } from './support/crash.js';
import { hashTables, rawVat } from './support/fixture.js';

const vat = (file: string) => ({ sourceSpec: sourceOf(import.meta.url, `vats/${file}`) });

const config: SwingSetConfig = {
  bootstrap: 'boot',
  pinBootstrapRoot: true,
  defaultManagerType: 'xsnap',
  snapshotInitial: 5,
  vats: { boot: vat('starters-boot.js'), raw: rawVat },
  bundles: { starter: vat('starter.js') },
  devices: { counter: vat('device-counter.js') },
};

/** What the vats do at a restart; they are v4, v5 and so on. */
const starters: [name: string, options?: Record<string, unknown>][] = [
  ['talker', { does: ['talk', 'send'] }],
  ['counter', { does: ['count', 'talk', 'send'], metered: true }],
  ['failing', { does: ['talk', 'send', 'fail'] }],
  ['spinner', { does: ['send', 'spin'], metered: true }],
  ['quitter', { does: ['send', 'exitWithFailure'] }],
  ['local', { does: ['talk', 'count', 'send'], managerType: 'local' }],
  ['resting'],
  ['last', { does: ['talk', 'send'], metered: true }],
];
const vatIDOf = (name: string) => `v${starters.findIndex(([each]) => each === name) + 4}`;

const meterOf = ({ kernelStorage }: Life) => kernelStorage.kvStore.get('m1.remaining');

const snapshotsOf = ({ store }: Life) =>
  store.debug
    .getDatabase()
    .prepare<[], { vatID: string }>('SELECT vatID FROM snapshots WHERE inUse = 1')
    .all()
    .map(({ vatID }) => vatID);

const devices = { counter: {} };

/** Where a vat keeps an entry of its collections. */
const rowOf = (kvStore: KVStore, vatID: string, entry: string): string => {
  const prefix = `${vatID}.vs.`;
  for (
    let key = kvStore.getNextKey(prefix);
    key?.startsWith(prefix);
    key = kvStore.getNextKey(key)
  ) {
    if (key.endsWith(`.s${entry}`)) return key;
  }
  throw Error(`${vatID} keeps no ${entry}`);
};

/** Of what takes time, the rest. */
const withoutTimes = ({ ms: _ms, time: _time, monotime: _monotime, ...entry }: SlogEntry) =>
  Object.fromEntries(Object.entries(entry).filter(([key]) => !/seconds$/i.test(key)));

/** Real processes, in sight of the spec; `tamper` may do something to one that was just started. */
const watchSpawn = (tamper?: (vatID: string, nth: number, child: ChildProcess) => void) => {
  const started: { readonly vatID: string; readonly child: ChildProcess }[] = [];
  const isAlive = ({ child }: { child: ChildProcess }) =>
    child.exitCode === null && child.signalCode === null;
  let most = 0;
  const spawn = ((command: string, args: readonly string[], options: object) => {
    const child = nodeSpawn(command, args, options);
    const vatID = /^v\d+/.exec(args[0] ?? '')?.[0] ?? '';
    started.push({ vatID, child });
    most = Math.max(most, started.filter(isAlive).length);
    tamper?.(vatID, started.filter(each => each.vatID === vatID).length, child);
    return child;
  }) as typeof nodeSpawn;
  const startsOf = (vatID: string) => started.filter(each => each.vatID === vatID).length;
  return {
    spawn,
    alive: () => started.filter(isAlive).map(({ vatID }) => vatID),
    most: () => most,
    startsOf,
    startsByVat: () =>
      Object.fromEntries(started.map(({ vatID }) => [vatID, startsOf(vatID)] as const)),
  };
};

describe('platformRestart.concurrency', () => {
  let directory: string;
  let original: string;
  let copies = 0;
  let meterBefore: string | undefined;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'swingset-kernel-concurrency-'));
    original = join(directory, 'original');
    const life = await startLife({
      config: await withBundles(config),
      store: { path: original },
      platformEpoch: 1,
      deviceEndowments: devices,
    });
    await life.run();
    for (const [name, options = {}] of starters) await life.call('boot', 'create', name, options);
    meterBefore = meterOf(life);
    await life.controller.suspendVat(vatIDOf('resting'));
    life.controller.queueToVatRoot('boot', 'read', ['counter']);
    await life.hostStorage.commit();
    await life.close();
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  const copyOfOriginal = () => copyStore(original, join(directory, `${(copies += 1)}`));

  const restart = async (
    platformRestart: PlatformRestartOptions,
    options: RebootOptions = {},
    store: SwingStore = openSwingStore(copyOfOriginal()),
  ): Promise<Life> =>
    startLife({
      config,
      store,
      platformEpoch: 2,
      deviceEndowments: devices,
      platformRestart,
      warehousePolicy: { maxVatsOnline: 2 },
      ...options,
    });

  const stateOf = ({ controller, store }: Life) => ({
    activityhash: controller.getActivityhash(),
    tables: hashTables(store, { withoutLocal: true }),
  });

  /** All that can be seen of a restart, and of what comes after it. */
  const look = async (concurrency: number) => {
    const progress: Omit<PlatformRestartProgress, 'ms'>[] = [];
    const { spawn, most } = watchSpawn();
    const life = await restart(
      { concurrency, onRestartProgress: ({ ms: _ms, ...each }) => void progress.push(each) },
      { spawn },
    );
    const { controller } = life;
    const report = controller.getPlatformRestartReport();
    const restarted = {
      ...stateOf(life),
      report: { ...report, vats: report?.vats.map(({ ms: _ms, ...each }) => each) },
      meter: meterOf(life),
      progress,
      slog: life.slog.map(withoutTimes),
      console: [...life.console],
      log: controller.dump().log,
    };
    const mostProcesses = most();
    await life.run();
    const read = (name: string) => life.call('boot', 'read', name);
    const answers = {
      talker: await read('talker'),
      counters: [await read('counter'), await read('local')],
      last: [await read('last'), await read('last'), await read('last')],
    };
    return { life, mostProcesses, seen: { restarted, answers, afterwards: stateOf(life) } };
  };

  it('changes nothing that can be seen, but how many workers there are at once', async () => {
    const serial = await look(1);
    const { report, console: lines, log } = serial.seen.restarted;
    expect(report.vats?.map(({ vatID, result }) => [vatID, result])).to.deep.equal([
      ...['v1', 'v2', 'v3'].map(vatID => [vatID, 'restarted']),
      ...starters.map(([name]) => [
        vatIDOf(name),
        {
          failing: 'suspended',
          spinner: 'suspended',
          quitter: 'suspended',
          resting: 'suspended',
        }[name] ?? 'restarted',
      ]),
    ]);
    const talking = ['talker', 'counter', 'failing', 'local', 'last'];
    expect(log).to.deep.equal(talking.map(name => `${name} starts`));
    expect(lines.filter(line => line.endsWith(' starts'))).to.deep.equal(log);
    expect(serial.seen.restarted.meter, 'nobody pays for a restart').to.equal(meterBefore);
    expect(serial.seen.answers).to.deep.include({
      talker: [2, 0, ['counter']],
      counters: [
        [2, 1, []],
        [2, 2, []],
      ],
    });

    expect(snapshotsOf(serial.life), 'one is made afterwards').to.include(vatIDOf('last'));
    for (const concurrency of [2, 4]) {
      const { mostProcesses, seen } = await look(concurrency);
      expect(seen, `concurrency ${concurrency}`).to.deep.equal(serial.seen);
      expect(mostProcesses, `processes at once with ${concurrency}`)
        .to.be.greaterThan(serial.mostProcesses)
        .and.at.most(serial.mostProcesses + concurrency);
    }
  });

  /** All but these keep their incarnations. */
  const only = (...names: string[]) => ({
    exempt: ['boot', 'vatAdmin', 'raw', ...starters.map(([name]) => name)].filter(
      name => !names.includes(name),
    ),
  });

  it('saves snapshots that are due at the start, the same as ever', async () => {
    const stateAfter = async (concurrency: number) => {
      const store = openSwingStore(copyOfOriginal());
      store.kernelStorage.kvStore.set('kernel.snapshotInitial', '2');
      const life = await restart({ ...only('talker', 'last'), concurrency }, {}, store);
      expect(snapshotsOf(life)).to.include.members([vatIDOf('talker'), vatIDOf('last')]);
      return stateOf(life);
    };
    expect(await stateAfter(2)).to.deep.equal(await stateAfter(1));
  });

  it('comes to the same when workers that ran ahead die, or vats are not what they were', async () => {
    const vats = only('talker', 'failing', 'last');
    /** Changes what the talker reads, after it ran ahead and before its turn. */
    const change = (life: () => SwingStore) => (point: string) => {
      if (point !== `platform-restart:before:${vatIDOf('talker')}`) return;
      const { kvStore } = life().kernelStorage;
      const key = rowOf(kvStore, vatIDOf('talker'), 'row 1');
      kvStore.set(key, (kvStore.get(key) ?? '').replace('talker 1', 'talker one'));
    };
    const stateAfter = async (platformRestart: PlatformRestartOptions, options: RebootOptions) => {
      const store = openSwingStore(copyOfOriginal());
      const life = await restart(
        platformRestart,
        { faultPoint: change(() => store), ...options },
        store,
      );
      return stateOf(life);
    };
    const { spawn, startsOf } = watchSpawn((vatID, started, child) => {
      if (vatID === vatIDOf('last') && started === 1) child.kill('SIGKILL');
    });
    const disturbed = await stateAfter({ ...vats, concurrency: 4 }, { spawn });
    expect(disturbed).to.deep.equal(await stateAfter(vats, {}));
    const starts = (name: string) => startsOf(vatIDOf(name));
    expect(starts('failing'), 'started ahead only').to.equal(1);
    expect(starts('talker'), 'started in its turn too').to.equal(2);
    expect(starts('last'), 'started in its turn too').to.equal(2);
  });

  it('leaves no worker behind when the boot fails', async () => {
    for (const faultPoint of [
      undefined,
      (point: string) => {
        if (point === `platform-restart:before:${vatIDOf('talker')}`) throw Error('the host stops');
      },
    ]) {
      const { spawn, alive, most } = watchSpawn();
      let failure: unknown;
      await restart(
        { ...only('talker', 'failing', 'last'), concurrency: 4, onVatFailure: 'panic' },
        { spawn, ...(faultPoint && { faultPoint }) },
      ).catch((error: unknown) => {
        failure = error;
      });
      if (faultPoint) expect(failure).to.have.property('message', 'the host stops');
      else expect(failure).to.be.instanceOf(RestartFailedError);
      expect(most()).to.be.greaterThan(1);
      expect(alive()).to.deep.equal([]);
    }
  });

  it('starts no worker ahead for a vat that waits for its first delivery', async () => {
    const look = async (concurrency: number) => {
      const { spawn, startsByVat } = watchSpawn();
      const life = await restart({ mode: 'lazy', concurrency }, { spawn });
      return { ...stateOf(life), starts: startsByVat() };
    };
    const serial = await look(1);
    expect(Object.keys(serial.starts)).to.have.members(['v1', 'v2']);
    expect(await look(4)).to.deep.equal(serial);
  });

  it('is a positive integer', async () => {
    for (const concurrency of [0, -1, 1.5, '2' as unknown as number]) {
      let failure: unknown;
      await restart({ concurrency }).catch((error: unknown) => {
        failure = error;
      });
      expect(failure).to.be.instanceOf(BadOptionError);
      expect(String(failure)).to.match(/concurrency: expected a positive integer/);
    }
  });
});
