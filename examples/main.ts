/**
 * A small but real host runs one swingset through three lives. The second life boots with the
 * platform epoch of the first, so nothing restarts. The third boots with a new epoch, so every vat
 * restarts.
 *
 *   npm start -- [--home <dir>] [--worker xsnap|local]
 */
import '@endo/init';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkLives } from './check-lives.js';
import { live } from './lives.js';
import { showLife } from './show.js';

const { values } = parseArgs({
  options: { home: { type: 'string' }, worker: { type: 'string', default: 'xsnap' } },
});
const worker = values.worker === 'local' ? 'local' : 'xsnap';
const home =
  values.home === undefined ? mkdtempSync(join(tmpdir(), 'swingset-')) : resolve(values.home);

const main = async (): Promise<void> => {
  console.log(`store: ${home}\n`);
  const common = { home, worker, rounds: 2 } as const;

  const first = await live({ ...common, platformEpoch: 'spring' });
  console.log(`${showLife('first life', first)}\n`);
  const inFlight = first.inFlight.kpid;

  const second = await live({ ...common, platformEpoch: 'spring', inFlight });
  console.log(`${showLife('second life, same epoch', second)}\n`);

  const third = await live({ ...common, platformEpoch: 'summer', inFlight });
  console.log(`${showLife('third life, next epoch', third)}\n`);

  checkLives(first, second, third);
  console.log(
    'same epoch: nothing restarted. next epoch: every vat restarted, durable state intact, ' +
      'the promise in flight rejected with the disconnection object.',
  );
};

try {
  await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  // A directory that the caller chose is kept.
  if (values.home === undefined) rmSync(home, { recursive: true, force: true });
}
