/**
 * The store from which each case starts: vats that have lived a little and know of each other. It is
 * made once per platform and copied for each case.
 *
 * `hostile`, `vital` and `mirror` have the same code, which misbehaves on demand. `vital` is critical.
 * `mirror` gets what they send, and holds something of theirs. The others know nothing of them.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kslot } from '@agoric/kmarshal';
import type { SwingSetConfig } from '../../../lib/controller/config-types.js';
import type { GivenPlatform } from '../../../lib/platform-epoch/platform-options.js';
import type { ManagerType } from '../../../lib/types/vat-options.js';
import { makeConfig } from '../../platform-epoch/support/fixture.js';
import { withBundles } from '../../support/shared-bundles.js';
import {
  makeTempDir,
  sourceOf,
  startLife,
  type Life,
  type RebootOptions,
} from '../../support/swingset.js';

/** Static vats first; the rest in the order in which `boot` made them. */
export const vatIDs = {
  boot: 'v1',
  vatAdmin: 'v2',
  alice: 'v3',
  bob: 'v4',
  hostile: 'v5',
  vital: 'v6',
  dave: 'v7',
  mirror: 'v8',
} as const;

export type Culprit = 'hostile' | 'vital';

/** Enough for each start, and used up by a loop in a second or less. Stock starts take more. */
const COMPUTRON_LIMITS = { own: 10_000_000, stock: 40_000_000 } as const;

export interface Base {
  /** A kernel on a copy of the store. */
  readonly open: (options?: RebootOptions) => Promise<Life>;
}

export interface BaseOptions {
  readonly worker: ManagerType;
  readonly platform?: GivenPlatform['platform'];
}

const makeVatsConfig = ({ worker, platform = 'own' }: BaseOptions): Promise<SwingSetConfig> => {
  const config = makeConfig();
  const hostile = { sourceSpec: sourceOf(import.meta.url, '../vats/hostile.js') };
  return withBundles({
    ...config,
    bundles: { ...config.bundles, hostile },
    computronLimit: COMPUTRON_LIMITS[platform],
    snapshotInitial: 3,
    snapshotInterval: 8,
    // A local vat that brings out its dead collects the garbage of the whole process.
    ...(worker === 'xsnap' && { defaultReapInterval: 5 }),
  });
};

/** A message to the root of any vat, in the host's name. */
export const ask = (
  { controller }: Life,
  vat: keyof typeof vatIDs,
  method: string,
  ...args: unknown[]
): string =>
  controller.queueToVatObject(kslot(controller.getRootObject(vatIDs[vat])), method, args);

const live = async (life: Life): Promise<void> => {
  await life.run();
  await life.call('boot', 'create', 'hostile', {}, 'hostile');
  await life.call('boot', 'create', 'vital', { critical: true }, 'hostile');
  await life.call('boot', 'create', 'dave');
  await life.call('boot', 'create', 'mirror', {}, 'hostile');
  const mirror = kslot(life.controller.getRootObject(vatIDs.mirror));
  const met = (['hostile', 'vital'] as const).map(vat => ask(life, vat, 'meet', mirror));
  await life.run();
  met.forEach(kpid => life.resultOf(kpid));
};

/** The base of one `describe`. */
export const useBase = ({ worker, platform }: BaseOptions): Base => {
  let directory: string;
  let config: SwingSetConfig;
  const common = {
    worker,
    platformEpoch: 1,
    checkAtEnd: false,
    // Most vats of a case get their first message late, or not at all.
    warehousePolicy: { preload: 'none' },
    ...(platform && { platform }),
  } as const;
  const open = (path: string, options: RebootOptions = {}) =>
    startLife({ config, store: { path }, ...common, ...options });

  before('make the vats', async () => {
    directory = mkdtempSync(join(tmpdir(), 'swingset-kernel-hostile-'));
    config = await makeVatsConfig({ worker, ...(platform && { platform }) });
    const life = await open(join(directory, 'store'));
    await live(life);
    life.check({ quiescent: true });
    await life.hostStorage.commit();
    await life.close();
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  return {
    open: options => {
      const path = join(makeTempDir(), 'store');
      cpSync(join(directory, 'store'), path, { recursive: true });
      return open(path, options);
    },
  };
};
