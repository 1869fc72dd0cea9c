import { expect } from 'chai';
import { startLife, type Life } from '../support/swingset.js';
import { makeReaper } from '../workers/support/reaper.js';
import { makeConfig, resultFor, suspensionOf, vatIDs } from './support/fixture.js';

const { alice } = vatIDs;

/** As if another engine had run the vat: its transcript has a syscall that replays don't make. */
const makeAnachrophobic = ({ store }: Life, vatID: string): void => {
  const { changes } = store.debug
    .getDatabase()
    .prepare(
      "UPDATE transcriptItems SET item = replace(item, 'vatstoreGet', 'vatstoreGot') WHERE vatID = ?",
    )
    .run(vatID);
  expect(changes).to.be.greaterThan(0);
};

const deliveriesTo = ({ slog }: Life, vatID: string) =>
  slog
    .filter(({ type, vatID: about }) => type === 'deliver' && about === vatID)
    .map(({ dispatch }) => dispatch);

/** A life whose `alice` can't be replayed any more; she has written a row. */
const startWithBroken = async (): Promise<Life> => {
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
  life.slog.length = 0;
  return life;
};

describe('a vat that does not replay', () => {
  for (const mode of ['eager', 'lazy'] as const) {
    it(`restarts, because the old incarnation is not loaded (${mode})`, async () => {
      const life = await startWithBroken();
      await life.reboot({ platformEpoch: 2, platformRestart: { mode } });
      expect(resultFor(life, alice)).to.include({ result: 'restarted', incarnation: 1 });
      expect(deliveriesTo(life, alice)).to.deep.equal(['startVat']);
      expect(await life.call('alice', 'read')).to.deep.equal(['kept']);
    });
  }

  it('is suspended without being loaded, and starts anew', async () => {
    const life = await startWithBroken();
    // Nothing is brought online at this boot.
    await life.reboot({ warehousePolicy: { maxVatsOnline: 1 } });
    await life.controller.suspendVat(alice);
    expect(suspensionOf(life, alice)).to.include({ suspended: true, paused: true });
    await life.controller.resumeVat(alice);
    expect(await life.call('alice', 'read')).to.deep.equal(['kept']);
    expect(deliveriesTo(life, alice)[0]).to.equal('startVat');
  });
});

describe('a vat whose worker has died', () => {
  it('is suspended without another one, critical or not', async () => {
    const reaper = makeReaper('alice');
    const life = await startLife({
      config: makeConfig({ critical: ['alice'] }),
      worker: 'xsnap',
      platformEpoch: 1,
      onWorkerDeath: 'terminate',
      spawn: reaper.spawn,
    });
    await life.run();
    expect(await reaper.kill(1), 'workers of alice').to.equal(1);
    expect(reaper.doomed()).to.equal(1);
    await life.controller.suspendVat(alice);
    expect(reaper.doomed(), 'nothing was started').to.equal(1);
    expect(suspensionOf(life, alice)).to.include({ suspended: true, paused: true });
    await life.controller.resumeVat(alice);
    expect(await life.call('alice', 'lives')).to.equal(2);
  });
});
