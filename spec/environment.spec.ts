/**
 * What everything else here stands on: the locked-down process that specs run in, the ecosystem's
 * packages side by side in it.
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeLiveSlots } from '@agoric/swingset-liveslots';
import { getSupervisorBundleSHA256 } from '@agoric/swingset-xsnap-supervisor';
import { getLockdownBundleSHA256 } from '@agoric/xsnap-lockdown';
import bundleSource from '@endo/bundle-source';
import { checkBundle } from '@endo/check-bundle';
import { E } from '@endo/eventual-send';
import { importBundle } from '@endo/import-bundle';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { makeNodeWorkerPowers } from '../lib/platform/node-powers.js';
import { startXsnapProcess } from '../lib/platform/xsnap-process.js';

const root = fileURLToPath(new URL('../', import.meta.url));

describe('the process that specs run in', () => {
  it('is locked down', () => {
    expect(Object.isFrozen(Object.prototype)).to.equal(true);
    expect(Object.isFrozen(harden({ a: {} }).a)).to.equal(true);
    expect(() => Object.assign(Array.prototype, { extra: 1 })).to.throw(TypeError);
  });

  it('lets chai say what differs', () => {
    expect(() => expect({ a: 1n }).to.deep.equal({ a: 2n })).to.throw(/to deeply equal/);
    expect(() => expect(harden([1])).to.include(2)).to.throw(/to include 2/);
    expect(() => expect(new Map([[1, 2]])).to.have.keys([2])).to.throw(/to have key/);
  });

  it('keeps line numbers in stack traces', () => {
    // Compiled without a source map, the whole file is line 1.
    expect(Error('where').stack).to.match(/environment\.spec\.ts:(?!1:)\d+:/);
  });
});

describe('the ecosystem', () => {
  it('comes with one copy of ses', async () => {
    const installed = await readdir(join(root, 'node_modules'), { recursive: true });
    const copies = installed.filter(
      path =>
        // Benches keep a tree of SwingSet's own in the cache.
        !path.startsWith('.cache/') && /(^|\/)node_modules\/ses$/.test(`node_modules/${path}`),
    );
    expect(copies).to.deep.equal(['ses']);
  });

  it('bundles, checks and imports a vat', async () => {
    // Inside the project, so that the vat's imports are found.
    const dir = await mkdtemp(join(root, 'tmp-'));
    try {
      const source = join(dir, 'vat.js');
      await writeFile(
        source,
        `import { Far } from '@endo/far';
         export const buildRootObject = () => Far('root', { add: (a, b) => a + b });`,
      );
      const bundle = await bundleSource(source, { format: 'endoZipBase64' });
      await checkBundle(bundle);
      const { buildRootObject } = await importBundle(bundle, { endowments: { assert, console } });
      expect(await E(buildRootObject()).add(1, 2)).to.equal(3);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('has liveslots and the bundles of xsnap workers', async () => {
    expect(makeLiveSlots).to.be.a('function');
    expect(await getLockdownBundleSHA256()).to.match(/^[0-9a-f]{64}$/);
    expect(await getSupervisorBundleSHA256()).to.match(/^[0-9a-f]{64}$/);
  });

  it('runs an xsnap worker', async () => {
    const replies: string[] = [];
    const worker = startXsnapProcess({
      powers: makeNodeWorkerPowers(),
      name: 'environment',
      meteringLimit: 0,
      handleCommand: request => {
        replies.push(request.toString());
        return '';
      },
    });
    await worker.evaluate(`issueCommand(new TextEncoder().encode(String(1 + 1)).buffer)`);
    await worker.kill();
    expect(replies).to.deep.equal(['2']);
  });

  it('has a SQLite that was built for this node', () => {
    const db = new Database(':memory:');
    expect(db.prepare('SELECT 1 + 1 AS two').get()).to.deep.equal({ two: 2 });
    db.close();
  });

  it('has SwingSet itself beside it, to compare with', async () => {
    const swingset = await import('@agoric/swingset-vat');
    const store = await import('@agoric/swing-store');
    expect(swingset.makeSwingsetController).to.be.a('function');
    expect(store.initSwingStore().kernelStorage.kvStore.get('no-such-key')).to.equal(undefined);
  });
});
