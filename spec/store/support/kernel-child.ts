/**
 * A host in its own process, which runs block after block until it is killed. It says what it does
 * before and after it does it. Given `killInCommit`, it kills itself so many milliseconds after the
 * beginning of that commit, from another thread: COMMIT blocks this one.
 */
import '@endo/init/debug.js';
import { Worker } from 'node:worker_threads';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import type { ManagerType } from '../../../lib/types/vat-options.js';
import { bootEconomy, heightOf, runBlock } from './kernel-host.js';

export interface ChildOrder {
  readonly path: string;
  readonly worker: ManagerType;
  readonly killInCommit?: { readonly commit: number; readonly afterMs: number };
}

export type ChildNews =
  | { readonly ready: true }
  | { readonly committing: number }
  | { readonly committed: number; readonly commitMs: number };

const { path, worker, killInCommit } = JSON.parse(process.argv[2] ?? '') as ChildOrder;
const say = (news: ChildNews): void => {
  process.send?.(news);
};

const flag = new Int32Array(new SharedArrayBuffer(4));
const killer =
  killInCommit &&
  new Worker(
    `const { workerData: { flag, afterMs } } = require('node:worker_threads');
     Atomics.wait(flag, 0, 0);
     Atomics.wait(flag, 0, 1, afterMs);
     process.kill(process.pid, 'SIGKILL');`,
    { eval: true, workerData: { flag, afterMs: killInCommit.afterMs } },
  );
killer?.unref();

const store = openSwingStore(path);
const controller = await bootEconomy(store, worker);
say({ ready: true });
for (let commit = 1; ; commit += 1) {
  const height = heightOf(store) + 1;
  await runBlock(store, controller, height);
  say({ committing: height });
  // Lets the message leave before the thread blocks.
  await new Promise(resolve => setImmediate(resolve));
  if (commit === killInCommit?.commit) {
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  }
  const start = performance.now();
  await store.hostStorage.commit();
  say({ committed: height, commitMs: performance.now() - start });
}
