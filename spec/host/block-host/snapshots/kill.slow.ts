import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { makeSnapshotExporter } from '../../../../lib/host/block-host/snapshots/exporter.js';
import { useTempDirs } from '../../../store/support/dirs.js';
import { timeOf } from './support/chain.js';
import type { ChildOrder, SnapshotFile } from './support/child.js';
import { CHUNK_BYTES, openJoiner, openSource, type Passed } from './support/peer.js';

const script = fileURLToPath(new URL('support/child.ts', import.meta.url));

/** Resolves when the child has killed itself. */
const runToItsEnd = async (order: ChildOrder): Promise<void> => {
  const child = fork(script, [JSON.stringify(order)], {
    execArgv: ['--import', 'tsx/esm'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (signal !== 'SIGKILL') throw Error(`the node ended with ${signal ?? `code ${code}`}`);
};

describe('a node that is killed', () => {
  const tempDir = useTempDirs();
  const HEIGHT = 3;
  let sourceHome: string;
  let snapshot: Passed;
  let file: string;

  before(async () => {
    sourceHome = tempDir('source');
    const source = await openSource({ home: sourceHome, worker: 'local', interval: HEIGHT });
    await source.runTo(HEIGHT);
    snapshot = await source.passed(HEIGHT);
    await source.close();
    const { description, appHash, chunks } = snapshot;
    const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
    const contents: SnapshotFile = {
      metadata: encode(description.metadata),
      appHash: encode(appHash),
      chunks: chunks.map(encode),
    };
    file = join(sourceHome, 'passed.json');
    writeFileSync(file, JSON.stringify(contents));
  });

  for (const [event, time, left] of [
    ['snapshot-begun', 1, []],
    ['snapshot-chunk', 4, [`${HEIGHT}.partial`]],
    ['snapshot-done', 1, [`${HEIGHT}`]],
  ] as const) {
    it(`in an export at ${event} ${time} has whole snapshots only`, async () => {
      const home = tempDir('home');
      cpSync(join(sourceHome, 'swingset'), join(home, 'swingset'), { recursive: true });
      await runToItsEnd({ home, task: { exportAt: HEIGHT }, killAt: { event, time } });
      expect(readdirSync(join(home, 'snapshots'))).to.deep.equal(left);
      const snapshots = makeSnapshotExporter({
        storeDir: join(home, 'swingset'),
        snapshotsDir: join(home, 'snapshots'),
        interval: HEIGHT,
        keep: 1,
        committedHeight: HEIGHT,
        chunkBytes: CHUNK_BYTES,
      });
      expect(snapshots.list(HEIGHT + 2)).to.have.length(event === 'snapshot-done' ? 1 : 0);
      snapshots.afterCommit(HEIGHT, timeOf(HEIGHT));
      await snapshots.settled();
      expect(snapshots.list(HEIGHT + 2)).to.deep.equal([snapshot.description]);
      await snapshots.close();
    });
  }

  for (const [event, time] of [
    ['replaced', 1],
    ['restore-chunk', 3],
    ['restore-verified', 1],
    ['restore-artifact', 2],
    ['restore-stored', 1],
    ['replacing', 2],
    ['replaced', 2],
  ] as const) {
    it(`in a restore at ${event} ${time} starts clean`, async () => {
      const home = tempDir('home');
      await runToItsEnd({ home, task: { restoreFrom: file }, killAt: { event, time } });
      const isInPlace = event === 'replaced' && time === 2;
      const joiner = await openJoiner(home, 'local');
      expect(joiner.chain().height()).to.equal(isInPlace ? HEIGHT : 0);
      expect(existsSync(join(joiner.storeDir, 'swingstore.partial'))).to.equal(false);
      const { last } = await joiner.take(snapshot);
      expect(last?.result).to.equal('accept');
      expect(joiner.chain().height()).to.equal(HEIGHT);
      expect(joiner.chain().appHash()).to.deep.equal(Buffer.from(snapshot.appHash));
      await joiner.close();
    });
  }
});
