import { spawn as nodeSpawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import { withBundles } from '../support/shared-bundles.js';
import { makeTempDir, sourceOf, startLife } from '../support/swingset.js';
import { copyStore } from './support/crash.js';
import { hashTables } from './support/fixture.js';

const vat = (file: string) => ({ sourceSpec: sourceOf(import.meta.url, `vats/${file}`) });

const config: SwingSetConfig = {
  bootstrap: 'boot',
  pinBootstrapRoot: true,
  defaultManagerType: 'xsnap',
  vats: { boot: vat('readers-boot.js') },
  bundles: { reader: vat('reader.js') },
  devices: { counter: vat('device-counter.js') },
};

/** Of what takes time, the rest. */
const withoutTimes = ({ ms: _ms, time: _time, monotime: _monotime, ...entry }: SlogEntry) =>
  Object.fromEntries(Object.entries(entry).filter(([key]) => !/seconds$/i.test(key)));

describe('platformRestart.concurrency and bundles that are read at a start', () => {
  it('reads them ahead, once, with the same outcome; other devices wait for the turn', async () => {
    const directory = makeTempDir();
    const original = join(directory, 'original');
    const first = await startLife({
      config: await withBundles(config),
      store: { path: original },
      platformEpoch: 1,
      deviceEndowments: { counter: {} },
    });
    await first.run();
    await first.close();

    const restart = async (concurrency: number) => {
      const workers: string[] = [];
      const spawn = ((command: string, args: readonly string[], options: object) => {
        workers.push(/^v\d+/.exec(args[0] ?? '')?.[0] ?? '');
        return nodeSpawn(command, args, options);
      }) as typeof nodeSpawn;
      const life = await startLife({
        config,
        store: openSwingStore(copyStore(original, join(directory, `${concurrency}`))),
        platformEpoch: 2,
        deviceEndowments: { counter: {} },
        platformRestart: { concurrency },
        spawn,
      });
      const workersOf = (vatID: string) => workers.filter(each => each === vatID).length;
      return {
        workers: { reader: workersOf('v3'), counter: workersOf('v4') },
        seen: {
          tables: hashTables(life.store, { withoutLocal: true }),
          activityhash: life.controller.getActivityhash(),
          slog: life.slog.map(withoutTimes),
          answers: [
            await life.call('boot', 'ask', 'reader'),
            await life.call('boot', 'ask', 'counter'),
          ],
        },
      };
    };
    const serial = await restart(1);
    expect(serial.seen.answers).to.deep.equal([['endoZipBase64', 'b1-'], [2]]);
    const ahead = await restart(3);
    expect(ahead.seen).to.deep.equal(serial.seen);
    expect(serial.workers).to.deep.equal({ reader: 1, counter: 1 });
    expect(ahead.workers).to.deep.equal({ reader: 1, counter: 2 });
  });
});
