/**
 * A dozen short histories of a swingset, each of which ends in a state that must be the same on
 * every machine and after every change that claims to change nothing. `scenarios.spec.ts` compares
 * their hashes with the recorded ones, and records them anew when it is asked to.
 */
import { createHash } from 'node:crypto';
import { hashTables, makeConfig } from '../platform-epoch/support/fixture.js';
import { startLife, type Life, type LifeOptions } from '../support/swingset.js';
import type { ManagerType } from '../../lib/types/vat-options.js';

type Options = Omit<LifeOptions, 'config' | 'worker' | 'store'>;

/** The vats of `makeConfig` at epoch 1, bootstrapped. */
const begin = async (worker: ManagerType, options: Options = {}): Promise<Life> => {
  const life = await startLife({
    config: makeConfig(),
    worker,
    platformEpoch: 1,
    // The ledger names the supervisor, which changes more often with ours.
    initialization: { platform: 'stock' },
    ...options,
  });
  await life.run();
  return life;
};

/** Durable data, objects in RAM, promises in flight and messages in the queue. */
const work = async (life: Life): Promise<void> => {
  await life.call('alice', 'bump');
  await life.call('boot', 'create', 'carol');
  await life.call('boot', 'send', 'carol', 'bump');
  await life.call('boot', 'introduce', 'alice', 'getThing', 'bob', 'thing');
  await life.call('boot', 'introduce', 'alice', 'getEphemeral', 'bob', 'ephemeral');
  life.controller.queueToVatRoot('boot', 'tell', ['bob', 'watch', 'alice', 'never']);
  await life.run();
};

const queueSome = ({ controller }: Life): void => {
  for (const name of ['alice', 'bob', 'carol']) {
    controller.queueToVatRoot('boot', 'sendOnly', [name, 'bump']);
  }
};

const ignoreFailure = async (result: Promise<unknown>): Promise<void> => {
  await result.catch(() => undefined);
};

export const scenarios: Readonly<Record<string, (worker: ManagerType) => Promise<Life>>> = {
  messages: async worker => {
    const life = await begin(worker);
    await work(life);
    queueSome(life);
    await life.run();
    return life;
  },
  'garbage collection': async worker => {
    const life = await begin(worker);
    await work(life);
    await life.call('bob', 'release', 'thing');
    await life.call('bob', 'release', 'ephemeral');
    life.controller.reapAllVats();
    await life.run();
    return life;
  },
  upgrade: async worker => {
    const life = await begin(worker);
    await work(life);
    await life.call('boot', 'upgrade', 'carol', 'mended', {});
    await life.call('boot', 'send', 'carol', 'bump');
    return life;
  },
  'failed upgrade': async worker => {
    const life = await begin(worker);
    await work(life);
    await ignoreFailure(life.call('boot', 'upgrade', 'carol', 'subject', { failInLife: 1 }));
    await life.call('boot', 'send', 'carol', 'bump');
    return life;
  },
  'eager restart': async worker => {
    const life = await begin(worker);
    await work(life);
    queueSome(life);
    await life.reboot({ platformEpoch: 2 });
    await life.run();
    return life;
  },
  'concurrent restart': async worker => {
    const life = await begin(worker);
    await work(life);
    queueSome(life);
    await life.reboot({ platformEpoch: 2, platformRestart: { concurrency: 3 } });
    await life.run();
    return life;
  },
  'lazy restart': async worker => {
    const life = await begin(worker);
    await work(life);
    await life.reboot({ platformEpoch: 2, platformRestart: { mode: 'lazy' } });
    queueSome(life);
    await life.run();
    return life;
  },
  'restart with a vat that fails': async worker => {
    const life = await begin(worker);
    await work(life);
    await life.call('boot', 'create', 'dave', { vatParameters: { failInLife: 1 } });
    life.controller.queueToVatRoot('boot', 'sendOnly', ['dave', 'bump']);
    await life.reboot({ platformEpoch: 2 });
    await life.run();
    await life.call('boot', 'upgrade', 'dave', 'subject', {});
    return life;
  },
  'suspension and return': async worker => {
    const life = await begin(worker);
    await work(life);
    await life.controller.suspendVat('v3');
    queueSome(life);
    await life.run();
    await life.controller.resumeVat('v3');
    await life.run();
    return life;
  },
  'pause and return': async worker => {
    const life = await begin(worker);
    await work(life);
    life.controller.pauseVat('v3');
    queueSome(life);
    await life.run();
    await life.reboot({ platformEpoch: 2 });
    life.controller.unpauseVat('v3');
    await life.run();
    return life;
  },
  'termination and cleanup': async worker => {
    const life = await begin(worker);
    await work(life);
    await ignoreFailure(life.call('boot', 'send', 'carol', 'die'));
    await life.run();
    return life;
  },
  'many reboots': async worker => {
    const life = await begin(worker, { warehousePolicy: { maxVatsOnline: 1 } });
    await work(life);
    for (const platformEpoch of [2, 2, 3]) {
      queueSome(life);
      await life.reboot({ platformEpoch });
      await life.run();
    }
    return life;
  },
};

export interface ScenarioHashes {
  readonly activityhash: string;
  /** Hash of all tables, without what may differ between replicas. */
  readonly tables: string;
}

/** Hashes that all replicas must share. Snapshots are left out: the transcript has their hashes. */
export const hashLife = (life: Life): ScenarioHashes => {
  const tables = hashTables(life.store, { withoutLocal: true });
  const text = JSON.stringify(Object.entries(tables).sort());
  return {
    activityhash: life.controller.getActivityhash(),
    tables: createHash('sha256').update(text).digest('hex'),
  };
};
