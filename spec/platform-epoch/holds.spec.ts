import { expect } from 'chai';
import { failureOf } from '../support/failure.js';
import { startLife, type Life } from '../support/swingset.js';
import { makeConfig, resultFor, suspensionOf } from './support/fixture.js';

const carol = 'v5';
const lazily = { platformRestart: { mode: 'lazy' } } as const;

/** With a dynamic vat carol. */
const start = async (): Promise<Life> => {
  const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
  await life.run();
  await life.call('boot', 'create', 'carol');
  return life;
};

const admin = (life: Life, method: string) => life.call('boot', 'send', 'admin carol', method);

/** Keeps carol from starting. Returns what undoes that. */
const loseKind = ({ kernelStorage: { kvStore } }: Life) => {
  const lost = `${carol}.vs.vom.dkind.999.descriptor`;
  kvStore.set(lost, JSON.stringify({ kindID: '999', tag: 'lost', unfaceted: true }));
  return () => kvStore.delete(lost);
};

const refusalOf = async (action: Promise<unknown>): Promise<string> =>
  String(await failureOf(action));

/** Sends to carol; what comes of it is the promise's. */
const send = async (life: Life) => {
  const kpid = life.controller.queueToVatRoot('boot', 'send', ['carol', 'bump']);
  await life.run();
  return kpid;
};

describe('a vat that somebody paused', () => {
  it('stays so through lazy starts and failed upgrades', async () => {
    const life = await start();
    life.controller.pauseVat(carol);
    await life.reboot({ platformEpoch: 2, ...lazily });
    const upgrade = life.call('boot', 'upgrade', 'carol', 'subject', { failInLife: 1 });
    expect(await refusalOf(upgrade)).to.include('vat-upgrade failure');
    await life.reboot({ platformEpoch: 3 });
    expect(resultFor(life, carol).result).to.equal('restarted');
    expect(suspensionOf(life, carol)).to.include({ suspended: false, paused: true });
    const waiting = await send(life);
    expect(life.controller.kpStatus(waiting)).to.equal('unresolved');
    life.controller.unpauseVat(carol);
    await life.run();
    expect(life.resultOf(waiting)).to.deep.equal([1, 1]);
  });

  it('stays so through a failed restart and the next one', async () => {
    const life = await start();
    life.controller.pauseVat(carol);
    const mend = loseKind(life);
    await life.reboot({ platformEpoch: 2 });
    expect(resultFor(life, carol).error).to.include('lost');
    mend();
    await life.reboot({ platformEpoch: 3 });
    expect(suspensionOf(life, carol)).to.include({ suspended: false, paused: true });
  });

  it('is not paused any more after a resume, even one that failed', async () => {
    const life = await start();
    life.controller.pauseVat(carol);
    await life.controller.suspendVat(carol);
    const mend = loseKind(life);
    expect(await refusalOf(life.controller.resumeVat(carol))).to.include('could not start');
    mend();
    await life.reboot({ platformEpoch: 2 });
    expect(resultFor(life, carol).result).to.equal('restarted');
    expect(suspensionOf(life, carol)).to.equal(undefined);
  });

  for (const by of ['host', 'adminNode']) {
    it(`stays so through an upgrade while it sleeps (paused by ${by})`, async () => {
      const life = await start();
      if (by === 'host') life.controller.pauseVat(carol);
      else await admin(life, 'pause');
      await life.reboot({ platformEpoch: 2, ...lazily });
      const waiting = await send(life);
      await life.call('boot', 'upgrade', 'carol', 'mended');
      expect(suspensionOf(life, carol)).to.include({ suspended: false, paused: true, waiting: 1 });
      if (by === 'host') life.controller.unpauseVat(carol);
      else await admin(life, 'unpause');
      await life.run();
      expect(life.resultOf(waiting)).to.deep.equal([1, 1]);
    });
  }
});

describe('what the host asked for', () => {
  for (const how of ['suspendVat', 'pauseVat'] as const) {
    it(`the host alone takes back: ${how}`, async () => {
      const life = await start();
      await life.controller[how](carol);
      const waiting = await send(life);
      const expectRefusals = async () => {
        for (const method of ['resume', 'unpause']) {
          expect(await refusalOf(admin(life, method)), method).to.include(
            `${method}(): the host took v5 out of service, and alone brings it back`,
          );
        }
      };
      for (const method of ['suspend', 'pause']) await admin(life, method);
      await expectRefusals();
      await life.call('boot', 'upgrade', 'carol', 'mended');
      await expectRefusals();
      expect(suspensionOf(life, carol), 'new code, and still held').to.include({
        suspended: false,
        paused: true,
        waiting: 1,
      });
      await life.reboot({ platformEpoch: 2, platformRestart: { exempt: ['boot'] } });
      expect(suspensionOf(life, carol)).to.include({ suspended: false, paused: true });
      expect(life.controller.kpStatus(waiting)).to.equal('unresolved');
      await life.controller.resumeVat(carol);
      await life.run();
      expect(life.resultOf(waiting)).to.deep.equal([1, 1]);
    });
  }

  it('is not undone by an adminNode whose call came before', async () => {
    const life = await start();
    await admin(life, 'suspend');
    life.controller.queueToVatRoot('boot', 'send', ['admin carol', 'resume']);
    const isQueued = () =>
      life.controller
        .dump()
        .acceptanceQueue.some(event => JSON.stringify(event).includes('resume-vat'));
    while (!isQueued()) await life.controller.step();
    await life.controller.suspendVat(carol);
    await life.run();
    expect(suspensionOf(life, carol)).to.include({ suspended: true, paused: true });
  });
});
