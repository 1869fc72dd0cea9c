/** Rolling restarts on real engines, with other numbers of workers. */
import { expect } from 'chai';
import { startLife, type Life } from '../support/swingset.js';
import { hashTables, makeConfig } from './support/fixture.js';

const NAMES = ['carol', 'dave', 'erin', 'frank'] as const;

/** A swingset with dynamic vats carol (v5) to frank (v8), whose creation options may be given. */
const start = async (options: Partial<Record<(typeof NAMES)[number], object>>): Promise<Life> => {
  const life = await startLife({ config: makeConfig(), worker: 'xsnap', platformEpoch: 1 });
  await life.run();
  for (const name of NAMES) await life.call('boot', 'create', name, options[name] ?? {});
  return life;
};

describe('a rolling restart on several replicas', () => {
  it('comes to the same for every warehouse size and concurrency, with reboots or without', async () => {
    const replica = async (maxVatsOnline: number, concurrency: number, reboots: boolean) => {
      const life = await start({ erin: { vatParameters: { failInLife: 1 } } });
      const options = {
        platformEpoch: 2,
        platformRestart: { mode: 'rolling', concurrency },
        warehousePolicy: { maxVatsOnline },
      } as const;
      await life.reboot(options);
      life.slog.length = 0;
      const activity: string[] = [];
      for (let round = 0; round < 6; round += 1) {
        if (round === 2) await life.call('boot', 'send', 'dave', 'bump');
        else await life.run();
        activity.push(life.controller.getActivityhash());
        if (reboots) await life.reboot(options);
      }
      const starts = life.slog
        .filter(({ type, dispatch }) => type === 'deliver' && dispatch === 'startVat')
        .map(({ vatID }) => vatID);
      const tables = hashTables(life.store, { withoutLocal: true });
      await life.close();
      return { activity, tables, starts };
    };
    const expected = await replica(50, 1, false);
    expect(expected.starts).to.deep.equal(['v5', 'v6', 'v7', 'v8']);
    expect(await replica(2, 3, false)).to.deep.equal(expected);
    expect(await replica(1, 2, true)).to.deep.equal(expected);
  });

  it('starts the new code of a vat that ran ahead before its upgrade', async () => {
    const replica = async (concurrency: number) => {
      const life = await startLife({ config: makeConfig(), worker: 'xsnap', platformEpoch: 1 });
      await life.run();
      await life.call('boot', 'create', 'carol');
      await life.reboot({ platformEpoch: 2, platformRestart: { mode: 'rolling', concurrency } });
      // With equal parameters, the first delivery to the old code and to the new one are the same.
      await life.call('boot', 'upgrade', 'carol', 'mended');
      expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(2);
      const tables = hashTables(life.store, { withoutLocal: true });
      return { activity: life.controller.getActivityhash(), tables };
    };
    expect(await replica(2)).to.deep.equal(await replica(1));
  });
});
