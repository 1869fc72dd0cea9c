import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSoloHost } from '../../lib/host/solo-host.js';
import { readEpochLedger } from '../../lib/platform-epoch/ledger.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import { silent } from '../controller/support.js';
import { COMMIT_POINT } from './support/child-order.js';
import {
  bootAndLook,
  copyStore,
  endOf,
  prepareStore,
  startChild,
  type Outcome,
} from './support/crash.js';
import { failureOf } from '../support/failure.js';

/** One of each kind of place; `crash-anywhere.slow.ts` goes through a hundred. */
describe('a host that is killed while vats restart', () => {
  let directory: string;
  let original: string;
  let undisturbed: Outcome;
  const points: string[] = [];

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'swingset-kernel-crash-'));
    original = join(directory, 'original');
    await prepareStore({ path: original, worker: 'local', dynamicVats: 3 });
    undisturbed = await bootAndLook({
      path: copyStore(original, join(directory, 'undisturbed')),
      platformEpoch: 2,
      mode: 'eager',
      faultPoint: name => void points.push(name),
    });
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  it('could be killed between the vats and inside each of them', () => {
    const pointsOf = (vatID: string) =>
      points.filter(name => name.endsWith(`:${vatID}`)).map(name => name.split(':')[1]);
    const all = ['before', 'ended', 'started', 'after'];
    for (const vatID of ['v1', 'v2', 'v3', 'v4', 'v5', 'v7']) {
      expect(pointsOf(vatID), vatID).to.deep.equal(all);
    }
    expect(pointsOf('v6'), 'suspended').to.deep.equal(['before', 'ended', 'after']);
  });

  const kill = async (killAt: string, withCheckpoint: boolean): Promise<string> => {
    const path = copyStore(original, join(directory, `${killAt}-${withCheckpoint}`));
    const order = { path, platformEpoch: 2, mode: 'eager', withCheckpoint, killAt } as const;
    expect(await endOf(startChild(order))).to.deep.equal({ signal: 'SIGKILL' });
    return path;
  };

  const cases: [killAt: string, withCheckpoint: boolean, left: number][] = [
    ['platform-restart:ended:v2', true, 6],
    ['platform-restart:ended:v3', false, 7],
    ['platform-restart:started:v5', true, 3],
    ['platform-restart:before:v6', true, 2],
    [COMMIT_POINT, false, 7],
  ];
  for (const [killAt, withCheckpoint, left] of cases) {
    it(`comes to the same after a kill at ${killAt}, ${withCheckpoint ? 'with' : 'without'} checkpoints`, async () => {
      const path = await kill(killAt, withCheckpoint);
      const resumed = await bootAndLook({ path, platformEpoch: 2, mode: 'eager' });
      expect(resumed).to.deep.equal({ ...undisturbed, restarted: left });
    });
  }

  it('is refused a boot that does not name the epoch again', async () => {
    const path = await kill('platform-restart:before:v6', true);
    const refusal = await failureOf(openSoloHost({ home: path }));
    expect(refusal).to.include({ code: 'PLATFORM_RESTART_UNFINISHED', stored: 2 });
    expect(String(refusal)).to.include('pass this epoch again');
    const host = await openSoloHost({
      home: copyStore(path, join(directory, 'resumed')),
      runtimeOptions: { platformEpoch: 2, console: silent },
    });
    const report = host.controller.getPlatformRestartReport();
    await host.close();
    expect(report).to.include({ decision: 'resume', doneBefore: 5 });
    expect(report?.vats.map(({ vatID }) => vatID)).to.deep.equal(['v6', 'v7']);
    const resumed = await bootAndLook({ path, platformEpoch: 2, mode: 'eager' });
    expect(resumed).to.deep.equal({ ...undisturbed, restarted: 2 });
  });

  it('comes to the same in a fresh process, killed twice on the way', async () => {
    const path = await kill('platform-restart:started:v3', true);
    const order = { path, platformEpoch: 2, mode: 'eager', withCheckpoint: true } as const;
    const second = startChild({ ...order, killAt: 'platform-restart:after:v5' });
    expect(await endOf(second)).to.deep.equal({ signal: 'SIGKILL' });
    expect(await endOf(startChild(order))).to.deep.equal({ restarted: 3 });
    const look = await bootAndLook({ path, platformEpoch: 2, mode: 'eager' });
    expect(look).to.deep.equal({ ...undisturbed, restarted: 0 });
  });

  it('may go on to a later epoch: vats that were not done go straight there', async () => {
    const path = await kill('platform-restart:before:v4', true);
    await bootAndLook({ path, platformEpoch: 3, mode: 'eager' });
    const { kernelStorage, hostStorage } = openSwingStore(path);
    const ledger = readEpochLedger(kernelStorage);
    expect(ledger.map(({ epoch, status }) => [epoch, status])).to.deep.equal([
      [1, 'baseline'],
      [2, 'in-progress'],
      [3, 'complete'],
    ]);
    const incarnationOf = (vatID: string) =>
      kernelStorage.transcriptStore.getCurrentSpanBounds(vatID).incarnation;
    expect(['v1', 'v2', 'v3', 'v4', 'v7'].map(incarnationOf)).to.deep.equal([2, 2, 2, 1, 1]);
    await hostStorage.close();
  });

  it('comes to the same in a lazy restart', async () => {
    const whole = await bootAndLook({
      path: copyStore(original, join(directory, 'lazy')),
      platformEpoch: 2,
      mode: 'lazy',
    });
    const path = copyStore(original, join(directory, 'lazy-killed'));
    const order = { path, platformEpoch: 2, mode: 'lazy', withCheckpoint: true } as const;
    const child = startChild({ ...order, killAt: 'platform-restart:started:v3' });
    expect(await endOf(child)).to.deep.equal({ signal: 'SIGKILL' });
    const resumed = await bootAndLook({ path, platformEpoch: 2, mode: 'lazy' });
    expect(resumed).to.deep.equal({ ...whole, restarted: 5 });
  });
});
