/**
 * A store whose vats run on another engine, truly. Building one takes minutes, so whoever runs this
 * has one at hand:
 *
 *     mkdir /tmp/older && cd /tmp/older && npm init -y && npm install @agoric/xsnap@0.14.3-u16.1
 *     OTHER_XSNAP=/tmp/older npx mocha spec/platform-epoch/older-engine.slow.ts
 */
import { fork, spawn as nodeSpawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { PlatformMismatchError } from '../../lib/platform-epoch/errors.js';
import { loadPlatform } from '../../lib/platform/load-platform.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import { makeTempDir, startLife } from '../support/swingset.js';
import { hashTables, makeConfig } from './support/fixture.js';

const fileOf = (name: string) => fileURLToPath(new URL(`support/${name}`, import.meta.url));

const suite = process.env['OTHER_XSNAP'] === undefined ? describe.skip : describe;

suite('a store of an older engine', () => {
  it('is refused before any replay, and restarts for a new epoch', async () => {
    const path = join(makeTempDir(), 'store');
    const child = fork(fileOf('store-maker.ts'), [path], {
      execArgv: ['--import', fileOf('other-xsnap.mjs'), '--import', 'tsx/esm'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const ended = once(child, 'exit');
    const [stored] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
    expect(await ended).to.deep.equal([0, null]);
    const running = (await loadPlatform()).fingerprint.engine;
    expect(stored).to.be.a('string').that.is.not.equal(running);

    const open = async (options: Partial<Parameters<typeof startLife>[0]>) => {
      const store = openSwingStore(path);
      return startLife({ config: makeConfig(), store, ...options });
    };
    const untouched = openSwingStore(path);
    const before = hashTables(untouched);
    await untouched.hostStorage.close();

    for (const options of [{}, { platformEpoch: 1 }]) {
      const workers: string[] = [];
      const spawn = ((command: string, args: readonly string[], rest: object) => {
        workers.push(args[0] ?? '');
        return nodeSpawn(command, args, rest);
      }) as typeof nodeSpawn;
      let refusal: unknown;
      const store = openSwingStore(path);
      await startLife({ config: makeConfig(), store, spawn, ...options }).catch(
        (error: unknown) => {
          refusal = error;
        },
      );
      expect(refusal).to.be.instanceOf(PlatformMismatchError);
      expect(refusal).to.include({ stored, running });
      expect(workers.filter(name => /^v\d/.test(name))).to.deep.equal([]);
      expect(hashTables(store)).to.deep.equal(before);
      await store.hostStorage.close();
    }

    const life = await open({ platformEpoch: 2, platformRestart: { concurrency: 2 } });
    expect(
      life.controller.getPlatformRestartReport()?.vats.map(({ vatID, result }) => [vatID, result]),
    ).to.deep.equal(['v1', 'v2', 'v3', 'v4', 'v5'].map(vatID => [vatID, 'restarted']));
    expect(
      life.controller.getEpochLedger().map(({ fingerprint }) => fingerprint.engine),
    ).to.deep.equal([stored, running]);
    await life.run();
    expect(await life.call('alice', 'bump'), 'with the one that was queued').to.deep.equal([2, 4]);
    expect(await life.call('bob', 'bump')).to.deep.equal([1, 2]);
    expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(2);
    await life.reboot({ platformEpoch: 2 });
    expect(await life.call('alice', 'bump'), 'replayed on the new engine').to.deep.equal([3, 5]);
  });
});
