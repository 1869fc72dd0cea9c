/**
 * Zoe, ERTP and contracts of the registry on each platform: the vats make the same syscalls in the
 * same order and leave the same vatstores, from their creation through an upgrade, a restart of
 * all, and bringOutYourDead (issue 15).
 */
import { join } from 'node:path';
import { expect } from 'chai';
import type { InitializationOptions } from '../../lib/controller/option-types.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import { makeTempDir } from '../support/swingset.js';
import { installRealVats } from './install.js';
import { contractRules, makeClock } from './markets.js';
import { bootMarkets, powersOf } from './play.js';
import { closeDeals, openMarkets } from './scenario.js';

const CONTRACTS = ['market', 'coveredCall', 'mintHolder', 'automaticRefund'];

const choices: Readonly<Record<string, InitializationOptions>> = {
  'ours, which serves importBundle': { platform: 'own' },
  'ours, which serves nothing': { platform: 'own', serveImportBundle: false },
  'ours, whose image knows the contract facet and the contracts': {
    platform: 'own',
    imageBundles: ['zcf', ...CONTRACTS],
  },
};

interface Deeds {
  readonly events: readonly string[];
  readonly rows: readonly string[];
}

/** Deliveries and syscalls of all vats, in order. */
const eventsOf = (slog: readonly SlogEntry[]): string[] =>
  slog.flatMap(entry => {
    const { type, vatID, vd, vsc, vsr } = entry as Record<string, unknown>;
    if (type === 'deliver') return [JSON.stringify(['deliver', vatID, vd])];
    return type === 'syscall' ? [JSON.stringify(['syscall', vatID, vsc])] : [JSON.stringify(vsr)];
  });

/** Vatstores, c-lists, objects and promises. */
const STATE = /^(?:v\d+\.(?:vs|c)\.|ko\d+\.|kp\d+\.)/;

const playOn = async (initialization: InitializationOptions): Promise<Deeds> => {
  const path = join(makeTempDir(), 'store');
  const clock = makeClock();
  const life = await bootMarkets(path, clock, { platformEpoch: 'spring', initialization });
  const powers = powersOf(life, clock);
  await openMarkets(powers);
  life.controller.reapAllVats();
  await life.run();
  const platformRestart = { mode: 'eager', vatParameters: await contractRules(path) } as const;
  await life.reboot({ platformEpoch: 'summer', platformRestart });
  await closeDeals(powersOf(life, clock), 'summer');
  life.controller.reapAllVats();
  await life.run();
  const events = eventsOf(
    life.slog.filter(({ type }) => ['deliver', 'syscall', 'syscall-result'].includes(type)),
  );
  const { kvStore } = life.kernelStorage;
  const rows: string[] = [];
  for (let key = kvStore.getNextKey(''); key !== undefined; key = kvStore.getNextKey(key)) {
    if (STATE.test(key)) rows.push(`${key} ${kvStore.get(key)}`);
  }
  await life.finish();
  return { events, rows };
};

describe('Zoe, ERTP and contracts of the registry', () => {
  let stock: Deeds;

  before(installRealVats);
  before('play on the stock platform', async () => {
    stock = await playOn({ platform: 'stock' });
    expect(stock.events).to.have.length.above(5000);
    expect(stock.rows).to.have.length.above(500);
  });

  for (const [title, choice] of Object.entries(choices)) {
    it(`do on a platform of ${title}, what they do on the stock one`, async () => {
      const { events, rows } = await playOn(choice);
      stock.events.forEach((event, index) => {
        expect(events[index], `event ${index}`).to.equal(event);
      });
      expect(events).to.have.length(stock.events.length);
      expect(rows).to.deep.equal(stock.rows);
    });
  }
});
