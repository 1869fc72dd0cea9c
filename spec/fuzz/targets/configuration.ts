/**
 * Configurations and options: `initializeSwingset`, and `makeSwingsetController` on what it made.
 * A refusal leaves the store as it was, and no file behind.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildKernelBundles } from '../../../lib/controller/builtin-vats.js';
import type { SwingSetConfig } from '../../../lib/controller/config-types.js';
import { initializeSwingset } from '../../../lib/controller/initialize.js';
import { makeSwingsetController } from '../../../lib/controller/make-controller.js';
import type { SwingsetRuntimeOptions } from '../../../lib/controller/option-types.js';
import { initSwingStore } from '../../../lib/store/swing-store.js';
import { fixture, silent } from '../../controller/support.js';
import { bundleOf } from '../../support/shared-bundles.js';
import { codeOf, insist } from '../oracle.js';
import { isCallersOwn, SPECIAL_WORDS, withSpecials } from '../special-values.js';
import { ACCEPTED, type Input, type Session, type Target } from '../target.js';

interface Given {
  readonly config?: unknown;
  readonly argv?: unknown;
  readonly options?: unknown;
  readonly powers?: unknown;
  readonly runtime?: unknown;
}

const withoutVats = { addComms: false, addVattp: false, addTimer: false };
/** The bundle of a vat, in an input. */
const BUNDLE = '~bundle~';
const vat = { bundle: BUNDLE };

const corpus: readonly Input[] = [
  { config: {}, options: withoutVats },
  {
    config: {
      bootstrap: 'a',
      defaultManagerType: 'local',
      defaultReapInterval: 1000,
      snapshotInterval: 'never',
      vats: { a: { ...vat, parameters: { x: [1, { y: null }] } }, b: vat },
    },
    argv: ['x', 'y'],
    options: { ...withoutVats, platformEpoch: 1 },
    runtime: { platformEpoch: 1 },
  },
  {
    config: {
      bootstrap: 'a',
      bundles: { code: vat },
      defaultReapGCKrefs: 'never',
      snapshotInitial: 2,
      snapshotInterval: 10,
      computronLimit: 65_000_000,
      relaxDurabilityRules: true,
      pinBootstrapRoot: true,
      vats: {
        a: { bundleName: 'code', creationOptions: { managerType: 'local', critical: true } },
        b: { bundleName: 'code', creationOptions: { enableSetup: true, reapInterval: 5 } },
      },
      $comment: 'none',
    },
    options: { ...withoutVats, strict: true },
    powers: { platformEpoch: 'spring' },
    runtime: {
      platformEpoch: 'spring',
      platformRestart: { mode: 'lazy', onVatFailure: 'suspend', exempt: ['b'], concurrency: 2 },
      platformGuard: 'warn',
      warehousePolicy: { maxVatsOnline: 3, spareWorkers: 0, preload: 'none' },
      onWorkerDeath: 'terminate',
    },
  },
  {
    config: {
      defaultManagerType: 'local',
      heapPolicy: { restartAbove: 1_000_000 },
      vats: { a: { ...vat, creationOptions: { neverReap: true, useTranscript: false } } },
    },
    options: null,
    powers: { env: { SWINGSET_WORKER_TYPE: 'local' }, verbose: false },
    runtime: { debugPrefix: 'x', verbose: true, env: {}, strict: false },
  },
];

type Kind = 'list' | 'record' | 'other';

/** A revoked proxy throws whatever it is asked. */
const kindOf = (value: unknown): Kind => {
  try {
    if (Array.isArray(value)) return 'list';
    if (typeof value !== 'object' || value === null) return 'other';
    return Object.getPrototypeOf(value) === Object.prototype ? 'record' : 'other';
  } catch {
    return 'other';
  }
};

/** Puts the bundle in its places. Getters are kept: reading them is what is tried. */
const withBundle = (value: unknown, bundle: unknown, above: readonly unknown[] = []): unknown => {
  if (value === BUNDLE) return bundle;
  const kind = kindOf(value);
  if (kind === 'other' || above.includes(value)) return value;
  const fill = (part: unknown): unknown => withBundle(part, bundle, [...above, value]);
  if (kind === 'list') return (value as readonly unknown[]).map(fill);
  const entries = Object.entries(Object.getOwnPropertyDescriptors(value as object));
  return Object.defineProperties(
    {},
    Object.fromEntries(
      entries.map(([name, entry]) => [
        name,
        'value' in entry ? { ...entry, value: fill(entry.value) } : entry,
      ]),
    ),
  );
};

const isBag = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Bags of options print nothing, whatever else they say. */
const quiet = (value: unknown): unknown => (isBag(value) ? { console: silent, ...value } : value);

const start = async (): Promise<Session> => {
  const bundle = await bundleOf(fixture('counter'));
  const kernelBundles = await buildKernelBundles();
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-configuration-'));
  const before = process.cwd();
  // Relative paths of mutants lead here.
  process.chdir(folder);

  const attempt = async (input: Input): Promise<string> => {
    const { kernelStorage, hostStorage, debug } = initSwingStore(null);
    let unchanged = JSON.stringify(debug.dump());
    try {
      const filled = withBundle(withSpecials(input), bundle);
      const { config, argv, options, powers, runtime } = (filled ?? {}) as Given;
      const bag = isBag(options) ? { kernelBundles, ...options } : options;
      await initializeSwingset(
        config as SwingSetConfig,
        argv,
        kernelStorage,
        bag ?? { kernelBundles },
        quiet(powers ?? {}) as never,
      );
      unchanged = JSON.stringify(debug.dump());
      const given = quiet(runtime ?? {}) as SwingsetRuntimeOptions;
      const controller = await makeSwingsetController(kernelStorage, {}, given);
      await controller.shutdown();
      return ACCEPTED;
    } catch (error) {
      if (isCallersOwn(error)) return 'CALLER';
      const code = codeOf(error);
      insist(JSON.stringify(debug.dump()) === unchanged, `${code}, and the store is changed`);
      return code;
    } finally {
      insist(readdirSync(folder).length === 0, `a file is left: ${readdirSync(folder).join()}`);
      await hostStorage.close();
    }
  };

  return {
    corpus,
    attempt,
    end: async () => {
      process.chdir(before);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export const configuration: Target = {
  name: 'configuration',
  what: 'configurations and options, from initialization to the boot',
  words: [
    ...SPECIAL_WORDS,
    ...[BUNDLE, 'local', 'xsnap', 'xs-worker', 'never', 'a', 'b', 'code', 'vatAdmin', 'bundle'],
    ...['bundleName', 'sourceSpec', 'bundleSpec', 'creationOptions', 'parameters', 'managerType'],
    ...['platformEpoch', 'platformRestart', 'imageBundles', 'platform', 'stock', 'own', 'rolling'],
    ...['vats', 'devices', 'bundles', 'bootstrap', 'exempt', 'vatParameters', 'limits', 'signal'],
  ],
  start,
};
