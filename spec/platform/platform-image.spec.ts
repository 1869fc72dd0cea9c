import type { spawn as Spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import {
  BadImageBundleError,
  PlatformImageMismatchError,
  XsnapNotBuiltError,
} from '../../lib/platform/errors.js';
import { OWN } from '../../lib/platform/choices.js';
import { loadPlatform } from '../../lib/platform/load-platform.js';
import { makeNodeWorkerPowers } from '../../lib/platform/node-powers.js';
import {
  makePlatformImage,
  makePlatformImages,
  type ImageIndex,
} from '../../lib/platform/platform-image.js';
import { recipeOf, type ImageRecipe, type Platform } from '../../lib/platform/types.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import type { Bundle } from '../../lib/store/types.js';
import { parseBundleID } from '../../lib/types/ids.js';
import { failureOf } from '../support/failure.js';
import { makeTempDir } from '../support/swingset.js';
import { makeWatchedPowers } from '../workers/support/processes.js';
import { makeMemoryImageStore } from '../workers/support/store.js';
import { bundleModules, bundlePackages, fileOf } from './supervisor/support/archives.js';

/** Knows one image of one platform. */
const makeIndex = (recipe: ImageRecipe, imageID: string): ImageIndex => ({
  get: wanted => (JSON.stringify(wanted) === JSON.stringify(recipe) ? imageID : undefined),
});

const bundlesOf =
  ({ bundleIDs, bundles }: Platform) =>
  (bundleID: string): Bundle => {
    const bundle = bundles[bundleIDs.findIndex(id => id === bundleID)];
    if (!bundle) throw Error(`no bundle ${bundleID}`);
    return bundle;
  };

describe('the platform image', () => {
  let platform: Platform;
  before(async () => {
    platform = await loadPlatform();
  });

  it('is made again if its bytes in the store are damaged (issue 18)', async () => {
    const powers = makeNodeWorkerPowers();
    const path = join(makeTempDir(), 'store');
    const store = openSwingStore(path);
    const { imageStore } = store.kernelStorage;
    const imageID = await makePlatformImages(imageStore, powers).imageOf(
      platform,
      bundlesOf(platform),
    );
    const bytes = imageStore.load(imageID);
    await store.hostStorage.commit();
    await store.hostStorage.close();
    const db = new Database(join(path, 'swingstore.sqlite'));
    db.prepare('UPDATE platformImages SET bytes = ?').run(Buffer.from('damage'));
    db.close();

    const { hostStorage, kernelStorage } = openSwingStore(path);
    const images = makePlatformImages(kernelStorage.imageStore, powers);
    const made = await images.load(imageID, recipeOf(platform), bundlesOf(platform));
    expect(Buffer.compare(made, bytes)).to.equal(0);
    // And kept: the next process need not make it.
    expect(Buffer.compare(kernelStorage.imageStore.load(imageID), bytes)).to.equal(0);
    await hostStorage.close();
  });

  it('has the same bytes each time it is made', async () => {
    const powers = makeNodeWorkerPowers();
    const first = await makePlatformImage({ scripts: platform.bundles, known: [] }, powers);
    const second = await makePlatformImage({ scripts: platform.bundles, known: [] }, powers);
    expect(first.length).to.be.greaterThan(1_000_000);
    expect(Buffer.compare(first, second)).to.equal(0);
  });

  it('is saved under its hash, once per store, and leaves no process behind', async () => {
    const store = makeMemoryImageStore();
    const { powers, started } = makeWatchedPowers();
    const images = makePlatformImages(store, powers);
    const [imageID, again] = await Promise.all([
      images.imageOf(platform, bundlesOf(platform)),
      images.imageOf(platform, bundlesOf(platform)),
    ]);
    expect(again).to.equal(imageID);
    expect(await images.imageOf(platform, bundlesOf(platform))).to.equal(imageID);
    expect(createHash('sha256').update(store.load(imageID)).digest('hex')).to.equal(imageID);
    expect(started).to.have.length(1);
    expect(started[0]?.signalCode).to.equal('SIGKILL');
  });

  it('is found again by a later run of the host through the index', async () => {
    const store = makeMemoryImageStore();
    const first = await makePlatformImages(store, makeNodeWorkerPowers()).imageOf(
      platform,
      bundlesOf(platform),
    );
    const index = makeIndex(recipeOf(platform), first);
    const { powers, started } = makeWatchedPowers();
    expect(
      await makePlatformImages(store, powers, index).imageOf(platform, bundlesOf(platform)),
    ).to.equal(first);
    expect(started).to.have.length(0);
  });

  it('is made again from its bundles when the store has lost it', async () => {
    const store = makeMemoryImageStore();
    const powers = makeNodeWorkerPowers();
    const imageID = await makePlatformImages(store, powers).imageOf(platform, bundlesOf(platform));
    const original = store.load(imageID);
    store.forget();
    const later = makePlatformImages(store, powers);
    const bytes = await later.load(imageID, recipeOf(platform), bundlesOf(platform));
    expect(Buffer.compare(bytes, original)).to.equal(0);
    expect(store.has(imageID)).to.equal(true);
  });

  it('is refused when what is made again differs from the record', async () => {
    const recorded = 'e'.repeat(64);
    const images = makePlatformImages(makeMemoryImageStore(), makeNodeWorkerPowers());
    const failure = await failureOf(images.load(recorded, recipeOf(platform), bundlesOf(platform)));
    expect(failure).to.be.instanceOf(PlatformImageMismatchError).that.includes({
      code: 'PLATFORM_IMAGE_MISMATCH',
      expected: recorded,
    });
  });

  it('needs a built engine, and is tried again after a failure', async () => {
    const { powers, started } = makeWatchedPowers();
    let built = false;
    const spawn = ((command: string, ...rest: [string[], object]) =>
      powers.spawn(built ? command : `${command}-missing`, ...rest)) as typeof Spawn;
    const images = makePlatformImages(makeMemoryImageStore(), { ...powers, spawn });
    const failure = await failureOf(images.imageOf(platform, bundlesOf(platform)));
    expect(failure).to.be.instanceOf(XsnapNotBuiltError);
    built = true;
    expect(await images.imageOf(platform, bundlesOf(platform))).to.match(/^[0-9a-f]{64}$/);
    expect(started).to.have.length(2);
  });

  describe('that knows bundles', () => {
    const powers = makeNodeWorkerPowers();
    const good = bundleModules({ vat: 'export const buildRootObject = () => `${1}`;' });
    const twin = bundleModules({
      vat: 'export const buildRootObject = () => `${1}`;',
      more: 'export default 1;',
    });
    let scripts: Platform['bundles'];
    before(async () => {
      ({ bundles: scripts } = await loadPlatform(OWN));
    });

    it('has the same bytes each time, which depend on the bundles and their order', async () => {
      const made: Uint8Array[] = [];
      for (const known of [[], [good], [good], [good, twin], [twin, good]]) {
        made.push(await makePlatformImage({ scripts, known }, powers));
      }
      const hashes = made.map(bytes => createHash('sha256').update(bytes).digest('hex'));
      expect(hashes.map(hash => hashes.indexOf(hash))).to.deep.equal([0, 1, 1, 3, 4]);
    });

    it('is not made if one of them is bad, and the error names it', async () => {
      const zip = String(good.endoZipBase64);
      const broken = bundlePackages({
        program: { './vat.js': fileOf('pre-mjs-json', '{"imports":[],"exports":[]}') },
      });
      const cases: readonly (readonly [Bundle, RegExp])[] = [
        [{ ...good, endoZipBase64: zip.replace('U', 'V') }, /archive is bad/],
        [{ ...good, endoZipBase64Sha512: 'a'.repeat(128) }, /SHA-512/],
        [broken, /__syncModuleProgram__ must be a function in parentheses/],
        [
          { moduleFormat: 'nestedEvaluate', source: '', endoZipBase64Sha512: 'x' },
          /must be a string/,
        ],
      ] as const;
      for (const [bad, problem] of cases) {
        const { powers: watched, started } = makeWatchedPowers();
        const failure = await failureOf(
          makePlatformImage({ scripts, known: [good, bad] }, watched),
        );
        expect(failure)
          .to.be.instanceOf(BadImageBundleError)
          .that.includes({
            code: 'BAD_IMAGE_BUNDLE',
            bundleID: `b1-${String(bad.endoZipBase64Sha512)}`,
          });
        expect((failure as BadImageBundleError).problem).to.match(problem);
        expect(started).to.have.length(0);
      }
    });

    it('is made again from its bundles, and refused if these have become others', async () => {
      const platform = await loadPlatform({
        ...OWN,
        imageBundles: [parseBundleID(`b1-${String(good.endoZipBase64Sha512)}`)],
      });
      const getBundle =
        (known: Bundle) =>
        (id: string): Bundle =>
          id.startsWith('b1-') ? known : bundlesOf(platform)(id);
      const store = makeMemoryImageStore();
      const imageID = await makePlatformImages(store, powers).imageOf(platform, getBundle(good));
      store.forget();
      const later = makePlatformImages(store, powers);
      await later.load(imageID, recipeOf(platform), getBundle(good));
      expect(store.has(imageID)).to.equal(true);
      store.forget();
      const failure = await failureOf(
        makePlatformImages(store, powers).load(imageID, recipeOf(platform), getBundle(twin)),
      );
      expect(failure).to.be.instanceOf(PlatformImageMismatchError).that.includes({
        expected: imageID,
      });
    });
  });
});
