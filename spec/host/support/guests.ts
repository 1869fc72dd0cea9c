/** A store of local vats in several states, for commands that look at it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SwingSetConfig } from '../../../lib/controller/config-types.js';
import type { KernelDump } from '../../../lib/kernel/facets/dump.js';
import type { SlogEntry } from '../../../lib/types/slog.js';
import { withBundles } from '../../support/shared-bundles.js';
import { sourceOf, startLife, type Life } from '../../support/swingset.js';

const vat = (name: string) => ({ sourceSpec: sourceOf(import.meta.url, `../vats/${name}.js`) });

/** keeper (v1) and vatAdmin (v2) are static; the guests come after them. */
const config: SwingSetConfig = {
  bootstrap: 'keeper',
  pinBootstrapRoot: true,
  vats: { keeper: vat('keeper') },
  bundles: { guest: vat('guest') },
};

/** Guests of these names, from v3 on, at epoch 1. Each has answered once. */
export const inviteGuests = async (names: readonly string[], path: string): Promise<Life> => {
  const life = await startLife({
    config: await withBundles(config),
    worker: 'local',
    store: { path },
    platformEpoch: 1,
  });
  await life.run();
  for (const name of names) await life.call('keeper', 'makeGuest', name);
  for (const name of names) await life.call('keeper', 'ask', name);
  return life;
};

export interface Guests {
  /** Delete it. */
  readonly base: string;
  readonly home: string;
  /** Of the kernel that left the store. */
  readonly dump: KernelDump;
  /** Of all its kernels. */
  readonly slog: readonly SlogEntry[];
  /** How many messages wait for ann. */
  readonly waiting: number;
}

/**
 * ann (v3) could not start in epoch 2, and 12 messages wait for her; bob (v4) is terminated; carl (v5) was
 * exempt, and is paused by the host. A message for keeper is in the run-queue.
 */
export const makeGuests = async (): Promise<Guests> => {
  const base = mkdtempSync(join(tmpdir(), 'guests-'));
  const home = join(base, 'home');
  const life = await inviteGuests(['ann', 'bob', 'carl'], home);
  life.controller.terminateVat('v4', { body: '#"enough"', slots: [] });
  await life.run();
  await life.reboot({ platformEpoch: 2, platformRestart: { exempt: ['carl'] } });
  const waiting = 12;
  for (let count = 0; count < waiting; count += 1) {
    life.controller.queueToVatRoot('keeper', 'ask', ['ann']);
  }
  await life.run();
  life.controller.pauseVat('v5');
  life.controller.queueToVatRoot('keeper', 'ask', ['carl']);
  await life.hostStorage.commit();
  const dump = life.controller.dump();
  await life.close();
  return { base, home, dump, slog: life.slog, waiting };
};
