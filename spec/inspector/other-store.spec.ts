/** What the inspector says when the store under it is moved, put back, or is another one. */
import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import Database from 'better-sqlite3';
import { openSoloHost } from '../../lib/host/solo-host.js';
import type { ActivityAnswer, OverviewAnswer, PulseAnswer } from '../../lib/inspector/answers.js';
import { startInspector, type Inspector } from '../../lib/inspector/start-inspector.js';
import { STORE_FILE } from '../../lib/store/schema.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import { silent, withoutSystemVats } from '../controller/support.js';
import { bundleCachePath } from '../support/bundle-cache.js';
import { makeTempDir } from '../support/swingset.js';
import { makeAsk } from './support/client.js';

const config = {
  defaultManagerType: 'local' as const,
  bundleCachePath,
  vats: { maker: { sourceSpec: fileURLToPath(new URL('./vats/maker.js', import.meta.url)) } },
};

describe('another store under the inspector', () => {
  let home: string;
  let old: string;
  let inspector: Inspector;
  let ask: ReturnType<typeof makeAsk>;
  let version: number;

  const run = async (directory: string, messages: number): Promise<void> => {
    const host = await openSoloHost({
      home: directory,
      getConfig: async () => config,
      initializationOptions: withoutSystemVats,
      runtimeOptions: { console: silent },
    });
    for (let index = 0; index < messages; index += 1) {
      host.controller.queueToVatRoot('maker', 'make', [index]);
    }
    await host.run();
    await host.close();
  };

  beforeEach(async () => {
    const directory = makeTempDir();
    home = join(directory, 'home');
    old = join(directory, 'old');
    await run(home, 0);
    inspector = await startInspector({ home });
    ask = makeAsk(inspector);
    ({ version } = (await ask('/api/pulse')).json as PulseAnswer);
  });

  afterEach(() => inspector.close());

  /** Waits for news, which must be such. */
  const pulse = async (isIt: (pulse: PulseAnswer) => boolean): Promise<PulseAnswer> => {
    for (;;) {
      const { json } = await ask(`/api/pulse?after=${version}&wait=25`);
      const news = json as PulseAnswer;
      ({ version } = news);
      if (isIt(news)) return news;
    }
  };

  it('says that it is gone, and goes on when it is back', async () => {
    renameSync(home, old);
    const { storeProblem } = await pulse(news => news.storeProblem !== null);
    expect(storeProblem).to.contain(home);
    expect((await ask('/api/overview')).json).to.nested.include({
      'error.code': 'NOT_A_SWINGSTORE',
    });
    renameSync(old, home);
    await pulse(news => news.storeProblem === null);
    expect((await ask('/api/overview')).status).to.equal(200);
  });

  it('counts no cranks of one store as those of another', async () => {
    const other = `${home}-other`;
    await run(other, 40);
    renameSync(home, old);
    renameSync(other, home);
    const { json } = await ask('/api/overview');
    const { crankNumber } = json as OverviewAnswer;
    await pulse(news => news.crankNumber === crankNumber);
    await run(home, 3);
    const after = await pulse(news => news.crankNumber > crankNumber);
    const { blocks } = (await ask('/api/activity')).json as ActivityAnswer;
    expect(blocks.reduce((sum, { cranks }) => sum + cranks, 0)).to.equal(
      after.crankNumber - crankNumber,
    );
  });

  it('refuses one that holds no swingset, and one of later software', async () => {
    const empty = `${home}-empty`;
    const { hostStorage } = initSwingStore(empty);
    await hostStorage.commit();
    await hostStorage.close();
    renameSync(home, old);
    renameSync(empty, home);
    await pulse(news => news.storeProblem !== null);
    expect((await ask('/api/vats')).json).to.nested.include({ 'error.code': 'NO_CONFIG' });
    rmSync(home, { recursive: true });
    cpSync(old, home, { recursive: true });
    await pulse(news => news.storeProblem === null);
    const db = new Database(join(home, STORE_FILE));
    db.prepare("UPDATE kvStore SET value = '99' WHERE key = 'version'").run();
    db.close();
    await pulse(news => news.storeProblem !== null);
    expect((await ask('/api/vats')).json).to.nested.include({ 'error.code': 'SCHEMA_VERSION' });
  });
});
