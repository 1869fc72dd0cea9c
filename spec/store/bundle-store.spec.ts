import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as swingStore from '@agoric/swing-store';
import bundleSource from '@endo/bundle-source';
import { ZipReader, ZipWriter } from '@endo/zip';
import { expect } from 'chai';
import {
  BundleMismatchError,
  StoreDamagedError,
  StoreMissingError,
  StoreUsageError,
} from '../../lib/store/errors.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import type { Bundle } from '../../lib/store/types.js';
import { useTempDirs } from './support/dirs.js';
import { scriptBundle, scriptBundleID } from './support/script.js';

describe('bundleStore', () => {
  const tempDir = useTempDirs();
  let zipBundle: Bundle;
  let zipBundleID: string;

  before(async () => {
    const dirPath = tempDir('source');
    mkdirSync(dirPath, { recursive: true });
    writeFileSync(join(dirPath, 'package.json'), '{ "name": "source", "type": "module" }');
    writeFileSync(join(dirPath, 'one.js'), `export * from './two.js';`);
    writeFileSync(join(dirPath, 'two.js'), `export const two = 'two';`);
    zipBundle = await bundleSource(join(dirPath, 'one.js'), 'endoZipBase64');
    zipBundleID = `b1-${String(zipBundle.endoZipBase64Sha512)}`;
  });

  it('gives back what it was given, in rows equal to swing-store’s', () => {
    const ours = initSwingStore(null);
    const theirs = swingStore.initSwingStore(null);
    for (const { kernelStorage } of [ours, theirs]) {
      kernelStorage.bundleStore.addBundle(zipBundleID, zipBundle);
      kernelStorage.bundleStore.addBundle(scriptBundleID, scriptBundle);
    }
    const { bundleStore } = ours.kernelStorage;
    expect(bundleStore.getBundle(zipBundleID)).to.deep.equal(zipBundle);
    expect(bundleStore.getBundle(scriptBundleID)).to.deep.equal(scriptBundle);
    expect([...bundleStore.getBundleIDs()]).to.deep.equal([scriptBundleID, zipBundleID]);
    const rows = (store: { debug: { getDatabase: typeof ours.debug.getDatabase } }): unknown[] =>
      store.debug.getDatabase().prepare('SELECT *, typeof(bundle) AS t FROM bundles').all();
    expect(rows(ours)).to.deep.equal(rows(theirs));

    bundleStore.deleteBundle(zipBundleID);
    bundleStore.deleteBundle(zipBundleID);
    expect(bundleStore.hasBundle(zipBundleID)).to.equal(false);
    expect(() => bundleStore.getBundle(zipBundleID)).to.throw(StoreMissingError, zipBundleID);
  });

  it('refuses bundles that their IDs do not describe', () => {
    const { bundleStore } = initSwingStore(null).kernelStorage;
    const zeros = '0'.repeat(128);
    const wrong: [string, Bundle][] = [
      [scriptBundleID, { ...scriptBundle, source: 'other' }],
      [scriptBundleID, zipBundle],
      [zipBundleID, scriptBundle],
      [zipBundleID, { ...zipBundle, endoZipBase64Sha512: zeros }],
      [`b1-${zeros}`, { ...zipBundle, endoZipBase64Sha512: zeros }],
      [zipBundleID, { ...zipBundle, endoZipBase64: 'bm90IGEgemlw' }],
      ['b2-00', zipBundle],
      ['my-bundle', scriptBundle],
    ];
    for (const [bundleID, bundle] of wrong) {
      expect(() => bundleStore.addBundle(bundleID, bundle), bundleID).to.throw(BundleMismatchError);
      expect(bundleStore.hasBundle(bundleID)).to.equal(false);
    }
    bundleStore.addBundle(zipBundleID, zipBundle);
    expect(() => bundleStore.addBundle(zipBundleID, zipBundle)).to.throw(StoreUsageError);
  });

  it('refuses a text that has the hash and is no bundle', () => {
    for (const text of ['nonsense', 'null', '[]', '{}', '{"moduleFormat":"endoZipBase64"}']) {
      const store = initSwingStore(null);
      const bundleID = `b0-${createHash('sha256').update(text).digest('hex')}`;
      store.debug.getDatabase().prepare('INSERT INTO bundles VALUES (?, ?)').run(bundleID, text);
      const { bundleStore } = store.kernelStorage;
      expect(() => bundleStore.getBundle(bundleID), text).to.throw(StoreDamagedError, bundleID);
    }
  });

  it('refuses a zip whose compartment map is right and whose module is not', () => {
    const { bundleStore } = initSwingStore(null).kernelStorage;
    const reader = new ZipReader(Buffer.from(String(zipBundle.endoZipBase64), 'base64'));
    const names = [...reader.files.keys()];
    const writer = new ZipWriter();
    for (const name of names) {
      const bytes = Buffer.from(reader.read(name));
      writer.write(name, name.includes('two') ? Buffer.from(`${bytes.toString()} `) : bytes);
    }
    const forged = {
      ...zipBundle,
      endoZipBase64: Buffer.from(writer.snapshot()).toString('base64'),
    };
    expect(() => bundleStore.addBundle(zipBundleID, forged)).to.throw(
      BundleMismatchError,
      /two\.js does not have the hash/,
    );
  });

  it('reports a stored bundle that changed', () => {
    const { kernelStorage, debug } = initSwingStore(null);
    const { bundleStore } = kernelStorage;
    bundleStore.addBundle(zipBundleID, zipBundle);
    bundleStore.addBundle(scriptBundleID, scriptBundle);
    const db = debug.getDatabase();
    const bytes = Buffer.from(String(zipBundle.endoZipBase64), 'base64');
    const at = bytes.indexOf(`'two'`);
    bytes[at + 1]! ^= 1;
    db.prepare('UPDATE bundles SET bundle = ? WHERE bundleID = ?').run(bytes, zipBundleID);
    db.prepare(`UPDATE bundles SET bundle = '{}' WHERE bundleID = ?`).run(scriptBundleID);
    expect(() => bundleStore.getBundle(zipBundleID)).to.throw(StoreDamagedError, zipBundleID);
    expect(() => bundleStore.getBundle(scriptBundleID)).to.throw(StoreDamagedError);
  });
});
