/** What the inspector says of restarts: one after the other, one that is not over, and a lazy one. */
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openSoloHost, type SoloHost } from '../../lib/host/solo-host.js';
import { bigintsAsText } from '../../lib/json-text.js';
import type {
  EpochAnswer,
  EpochsAnswer,
  OverviewAnswer,
  PulseAnswer,
} from '../../lib/inspector/answers.js';
import { startInspector, type Inspector } from '../../lib/inspector/start-inspector.js';
import type { PlatformRestartOptions } from '../../lib/platform-epoch/restart-options.js';
import { errorOf, silent, withoutSystemVats } from '../controller/support.js';
import { bundleCachePath } from '../support/bundle-cache.js';
import { makeTempDir } from '../support/swingset.js';
import { makeAsk } from './support/client.js';

const source = (name: string) => ({
  sourceSpec: fileURLToPath(new URL(`./vats/${name}.js`, import.meta.url)),
});

const config = {
  bootstrap: 'creator',
  defaultManagerType: 'local' as const,
  bundleCachePath,
  vats: { creator: source('creator'), frail: source('frail') },
  bundles: { guest: source('maker') },
};

describe('restarts in the inspector', () => {
  let directory: string;
  let home: string;
  let inspector: Inspector;

  const open = (
    platformEpoch: string,
    platformRestart: PlatformRestartOptions = {},
    slog?: string,
  ): Promise<SoloHost> =>
    openSoloHost({
      home,
      getConfig: async () => config,
      initializationOptions: withoutSystemVats,
      runtimeOptions: {
        platformEpoch,
        platformRestart,
        console: silent,
        ...(slog !== undefined && {
          slogSender: entry => appendFileSync(slog, `${JSON.stringify(entry, bigintsAsText)}\n`),
        }),
      },
    });

  const boot = async (...how: Parameters<typeof open>): Promise<void> => {
    const host = await open(...how);
    await host.run();
    await host.close();
  };

  const read = async <T>(path: string): Promise<T> => (await makeAsk(inspector)(path)).json as T;

  const readEpochs = async (): Promise<readonly EpochAnswer[]> =>
    (await read<EpochsAnswer>('/api/epochs')).epochs;

  beforeEach(async () => {
    directory = makeTempDir();
    home = join(directory, 'home');
    await boot('spring');
    inspector = await startInspector({ home });
  });

  afterEach(async () => {
    await inspector?.close();
    rmSync(directory, { recursive: true });
  });

  const failuresOf = (epochs: readonly EpochAnswer[]) =>
    epochs.map(({ epoch, failures }) => [epoch, failures.map(({ name }) => name)]);

  it('names a vat under each restart in which it failed, and not where it was exempt', async () => {
    await boot('summer');
    await boot('autumn');
    await boot('winter', { exempt: ['frail'] });
    expect(failuresOf(await readEpochs())).to.deep.equal([
      ['spring', []],
      ['summer', ['frail']],
      ['autumn', ['frail']],
      ['winter', []],
    ]);
  });

  it('says how many vats have yet to restart, and names no failure before its turn', async () => {
    await boot('summer');
    const stop = () => {
      throw Error('the power fails');
    };
    let turns = 0;
    await errorOf(() =>
      open('autumn', {
        onRestartProgress: ({ phase }) => {
          if (phase === 'turn' && ++turns === 3) stop();
        },
      }),
    );
    const epochs = await readEpochs();
    expect(epochs.at(-1)).to.deep.include({ status: 'in-progress', restarted: 2, left: 2 });
    expect(failuresOf(epochs)).to.deep.equal([
      ['spring', []],
      ['summer', ['frail']],
      ['autumn', []],
    ]);
  });

  it('tells vats that were put to sleep from those that failed', async () => {
    const slog = join(directory, 'slog.jsonl');
    await boot('summer', { mode: 'lazy' }, slog);
    await inspector.close();
    inspector = await startInspector({ home, slog });
    // The slog is read in the background.
    let [, summer] = await readEpochs();
    for (let version = 0; summer?.turns.length !== 4; [, summer] = await readEpochs()) {
      ({ version } = await read<PulseAnswer>(`/api/pulse?after=${version}&wait=25`));
    }
    expect(summer).to.deep.include({
      restarted: 2,
      suspended: 2,
      unstarted: 1,
      failed: 1,
      left: 0,
    });
    expect(summer?.turns.map(({ name, result, sleeps }) => [name, result, sleeps])).to.deep.equal([
      ['creator', 'restarted', false],
      ['vatAdmin', 'restarted', false],
      ['frail', 'suspended', false],
      ['guest', 'suspended', true],
    ]);
  });

  it('tells events that wait from those that are due again', async () => {
    const host = await open('spring');
    const { controller } = host;
    const vatID = controller.vatNameToID('creator');
    await controller.suspendVat(vatID);
    controller.queueToVatRoot('creator', 'hello', ['you']);
    await host.run();
    const overview = () => read<OverviewAnswer>('/api/overview');
    expect(await overview()).to.deep.include({ waiting: 1, dueAgain: 0, runQueue: 0 });
    await controller.resumeVat(vatID);
    await host.commit();
    expect(await overview()).to.deep.include({ waiting: 0, dueAgain: 1, runQueue: 0 });
    await host.close();
  });
});
