import { expect } from 'chai';
import { LastRitesError } from '../../lib/platform-epoch/errors.js';
import { sourceOf, startLife, type Life } from '../support/swingset.js';
import { makeReaper } from '../workers/support/reaper.js';
import { makeConfig, resultFor, suspensionOf, vatIDs } from './support/fixture.js';

const { alice } = vatIDs;
const stubborn = { sourceSpec: sourceOf(import.meta.url, 'vats/no-last-rites.js') };
const withoutSupport = { managerType: 'local', enableSetup: true, reapInterval: 'never' } as const;

/** With a static vat (v5) that fails at bringOutYourDead. */
const startStubborn = async (options: { critical?: boolean } = {}): Promise<Life> => {
  const config = makeConfig();
  const creationOptions = { ...withoutSupport, ...options };
  const life = await startLife({
    config: {
      ...config,
      vats: { ...config.vats, stubborn: { ...stubborn, creationOptions } },
      bundles: { ...config.bundles, stubborn },
    },
    worker: 'local',
    platformEpoch: 1,
  });
  life.controller.pinVatRoot('stubborn');
  await life.run();
  return life;
};

const givenLastRites = ({ slog }: Life) =>
  slog.filter(({ type, dispatch }) => type === 'deliver' && dispatch === 'bringOutYourDead');

describe('a vat that fails at its last bringOutYourDead', () => {
  for (const critical of [false, true]) {
    it(`is suspended without it by the host (critical: ${critical})`, async () => {
      const life = await startStubborn({ critical });
      await life.controller.suspendVat('v5');
      expect(suspensionOf(life, 'v5')).to.include({ suspended: true, paused: true });
      const waiting = life.controller.queueToVatRoot('stubborn', 'hello');
      await life.run();
      expect(life.controller.kpStatus(waiting)).to.equal('unresolved');
      await life.controller.resumeVat('v5');
      await life.run();
      expect(life.resultOf(waiting)).to.equal('here');
    });
  }

  it('is suspended without it by its adminNode', async () => {
    const life = await startStubborn();
    await life.call('boot', 'create', 'carol', withoutSupport, 'stubborn');
    await life.call('boot', 'send', 'admin carol', 'suspend');
    expect(suspensionOf(life, 'v6')).to.include({ suspended: true, paused: true });
    await life.call('boot', 'send', 'admin carol', 'resume');
    expect(await life.call('boot', 'send', 'carol', 'hello')).to.equal('here');
  });

  it('is restarted without it', async () => {
    const life = await startStubborn();
    await life.reboot({ platformEpoch: 2 });
    expect(resultFor(life, 'v5')).to.include({ result: 'restarted', incarnation: 1 });
  });
});

describe('a vat whose worker dies again and again at its last bringOutYourDead', () => {
  it('is suspended without it, critical or not', async () => {
    const reaper = makeReaper('alice');
    const life = await startLife({
      config: makeConfig({ critical: ['alice'] }),
      worker: 'xsnap',
      platformEpoch: 1,
      onWorkerDeath: 'terminate',
      spawn: reaper.spawn,
    });
    await life.run();
    expect(await reaper.kill(2), 'workers of alice').to.equal(1);
    await life.controller.suspendVat(alice);
    expect(reaper.doomed()).to.equal(0);
    expect(suspensionOf(life, alice)).to.include({ suspended: true, paused: true });
    await life.controller.resumeVat(alice);
    expect(await life.call('alice', 'lives')).to.equal(2);
  });
});

/** As if another engine or liveslots had run it: its transcript has a syscall that it won't make. */
const makeAnachrophobic = ({ store }: Life, vatID: string): void => {
  const { changes } = store.debug
    .getDatabase()
    .prepare(
      "UPDATE transcriptItems SET item = replace(item, 'vatstoreGet', 'vatstoreGot') WHERE vatID = ?",
    )
    .run(vatID);
  expect(changes).to.be.greaterThan(0);
};

describe('a vat that does not replay', () => {
  it('is suspended by hosts who spare it the last rites, and starts anew', async () => {
    const warehousePolicy = { maxVatsOnline: 4 };
    const life = await startLife({
      config: makeConfig(),
      worker: 'local',
      store: 'directory',
      checkAtEnd: false,
      warehousePolicy,
    });
    await life.run();
    await life.call('boot', 'create', 'carol');
    await life.call('boot', 'send', 'carol', 'write', 'kept');
    makeAnachrophobic(life, 'v5');
    await life.reboot({ warehousePolicy });
    const bad = { lastRites: 'no' } as unknown as { lastRites: boolean };
    await life.controller.suspendVat('v5', bad).then(
      () => expect.fail('that is no boolean'),
      (error: unknown) => expect(error).to.include({ field: 'options.lastRites', value: 'no' }),
    );
    await life.controller.suspendVat('v5', { lastRites: false });
    await life.controller.resumeVat('v5');
    expect(await life.call('boot', 'send', 'carol', 'read')).to.deep.equal(['kept']);
  });
});

describe('an eager restart of vats one of which does not replay', () => {
  it('says how to go without last rites, and does', async () => {
    const life = await startLife({
      config: makeConfig(),
      worker: 'local',
      platformEpoch: 1,
      store: 'directory',
      checkAtEnd: false,
    });
    await life.run();
    await life.call('alice', 'write', 'kept');
    makeAnachrophobic(life, alice);
    await life.hostStorage.commit();
    let failure: unknown;
    await life.reboot({ platformEpoch: 2 }).catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.be.instanceOf(LastRitesError);
    expect(failure).to.include({ vatID: alice });
    expect((failure as LastRitesError).message).to.include('platformRestart.lastRites: false');
    life.slog.length = 0;
    await life.crash({ platformEpoch: 2, platformRestart: { lastRites: false } });
    expect(resultFor(life, alice)).to.include({ result: 'restarted', incarnation: 1 });
    expect(givenLastRites(life)).to.deep.equal([]);
    expect(await life.call('alice', 'read')).to.deep.equal(['kept']);
  });
});

describe('a local vat', () => {
  it('gets last rites while liveslots is known to be the one that it has run on, and else none', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.run();
    const lastRitesOf = async (platformEpoch: number): Promise<number> => {
      life.slog.length = 0;
      await life.reboot({ platformEpoch });
      return givenLastRites(life).length;
    };
    expect(await lastRitesOf(2)).to.equal(4);
    const { kvStore } = life.kernelStorage;
    const ledger = JSON.parse(kvStore.get('platformEpoch.ledger') ?? '[]') as {
      fingerprint: { supervisor: string };
    }[];
    for (const { fingerprint } of ledger) fingerprint.supervisor = `b0-${'1'.repeat(64)}`;
    kvStore.set('platformEpoch.ledger', JSON.stringify(ledger));
    expect(await lastRitesOf(3)).to.equal(0);
    expect(await lastRitesOf(4)).to.equal(4);
  });
});
