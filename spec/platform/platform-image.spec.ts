import type { spawn as Spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { PlatformImageMismatchError, XsnapNotBuiltError } from '../../lib/platform/errors.js';
import { loadPlatform } from '../../lib/platform/load-platform.js';
import { makeNodeWorkerPowers } from '../../lib/platform/node-powers.js';
import {
  makePlatformImage,
  makePlatformImages,
  type ImageIndex,
} from '../../lib/platform/platform-image.js';
import { recipeOf, type ImageRecipe, type Platform } from '../../lib/platform/types.js';
import type { Bundle } from '../../lib/store/types.js';
import { failureOf } from '../support/failure.js';
import { makeWatchedPowers } from '../workers/support/processes.js';
import { makeMemoryImageStore } from '../workers/support/store.js';

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
});
