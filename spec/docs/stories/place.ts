/**
 * A directory where the commands of a page find what it takes for granted: a small swingset in
 * `./store` at the epoch spring, its sources, and slogs.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSoloHost } from '../../../lib/host/solo-host.js';
import { silent } from '../../controller/support.js';
import { runCommand } from '../../cli/support.js';
import { bundleCachePath } from '../../support/bundle-cache.js';
import { bundleOf } from '../../support/shared-bundles.js';
import { blockOf, root } from '../support/blocks.js';
import type { Terminal } from './terminals.js';

const vats = fileURLToPath(new URL('./vats/', import.meta.url));

export interface Place {
  readonly directory: string;
  readonly terminal: Terminal;
  /** A free one. */
  readonly port: string;
  /** The promise that the last message has printed. */
  kpid: string;
}

/** A path in a place. */
export const at = ({ directory }: Place, path: string): string => join(directory, path);

/** Queues messages for the bank of a store, and runs nothing. */
export const queueDeposits = async (home: string, ...amounts: readonly number[]): Promise<void> => {
  const host = await openSoloHost({ home, runtimeOptions: { console: silent } });
  for (const amount of amounts) host.controller.queueToVatRoot('bank', 'deposit', [amount]);
  await host.commit();
  await host.close();
};

const config = {
  bootstrap: 'bootstrap',
  bundleCachePath,
  // The bank alone has what only xsnap vats have: snapshots and a platform.
  defaultManagerType: 'local',
  defaultReapInterval: 1000,
  vats: {
    bootstrap: { sourceSpec: join(vats, 'bootstrap.js') },
    bank: {
      sourceSpec: join(vats, 'vat-bank.js'),
      creationOptions: { managerType: 'xsnap' },
    },
  },
};

const done = async (...args: readonly string[]): Promise<void> => {
  const { code, text } = await runCommand(...args);
  if (code !== 0) throw Error(`${args.join(' ')}: ${text}`);
};

/** Makes what all places are copies of. */
export const makeOriginal = async (): Promise<string> => {
  const directory = mkdtempSync(join(tmpdir(), 'stories-'));
  const path = (name: string): string => join(directory, name);
  const store = path('store');
  writeFileSync(path('swingset.json'), JSON.stringify(config));
  writeFileSync(
    path('package.json'),
    blockOf("docs/vat-author.md: What a vat's package needs").text,
  );
  symlinkSync(join(root, 'node_modules'), path('node_modules'));
  cpSync(join(vats, 'vat-bank.js'), path('vat-bank.js'));
  writeFileSync(path('bundle.json'), JSON.stringify(await bundleOf(join(vats, 'vat-counter.js'))));
  await done('run', path('swingset.json'), '--home', store, '--epoch', 'spring');
  // Two replicas, with the same work.
  await queueDeposits(store, 5, 6);
  mkdirSync(path('replica'));
  cpSync(store, path('replica/store'), { recursive: true });
  await done('run', '--home', path('replica/store'), '--slog', path('bob.jsonl'));
  await done('run', '--home', store, '--slog', path('alice.jsonl'));
  rmSync(path('replica'), { recursive: true });
  cpSync(path('alice.jsonl'), path('slog.jsonl'));
  return directory;
};
