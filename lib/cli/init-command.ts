/** `swingset-kernel init`: makes a swingset, commits it, and runs nothing. */
import { holdsSwingset } from '../host/look-at-store.js';
import { openSoloHost } from '../host/solo-host.js';
import { StoreExistsError } from '../store/errors.js';
import type { InitArgs } from './init-args.js';
import { readSummary } from './read-summary.js';
import type { RunIO } from './run.js';
import { loadConfig } from './swingset-files.js';

export const initCommand = async (
  args: InitArgs,
  { print, warn, clock, interruption }: RunIO,
): Promise<void> => {
  const { home, epoch, json, strict, argv, platform } = args;
  if (await holdsSwingset(home)) throw new StoreExistsError(home);
  const host = await openSoloHost({
    home,
    argv,
    clock,
    getConfig: () => loadConfig(args, warn),
    runtimeOptions: {
      signal: interruption(),
      strict,
      ...platform,
      ...(epoch !== undefined && { platformEpoch: epoch }),
    },
  });
  await host.close();
  const { vats, queued } = await readSummary(home);
  if (json) {
    const made = { home, platformEpoch: epoch ?? null, vats: vats.length, queued };
    print(JSON.stringify(made, null, 2));
    return;
  }
  const where = epoch === undefined ? '' : ` at platform epoch ${epoch}`;
  print(`made a swingset of ${vats.length} vats in ${home}${where}; ${queued} events are queued`);
};
