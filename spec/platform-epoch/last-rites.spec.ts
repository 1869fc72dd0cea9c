import { spawn as nodeSpawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { sourceOf, startLife, type Life } from '../support/swingset.js';
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
    const running: ChildProcess[] = [];
    let doomed = 0;
    const spawn = ((command: string, args: readonly string[], options: object) => {
      const child = nodeSpawn(command, args, options);
      if (!args[0]?.endsWith(':alice')) return child;
      running.push(child);
      if (doomed > 0) {
        doomed -= 1;
        child.kill('SIGKILL');
      }
      return child;
    }) as typeof nodeSpawn;
    const life = await startLife({
      config: makeConfig({ critical: ['alice'] }),
      worker: 'xsnap',
      platformEpoch: 1,
      onWorkerDeath: 'terminate',
      spawn,
    });
    await life.run();
    const worker = running.find(({ exitCode, signalCode }) => exitCode === signalCode);
    if (!worker) throw Error('alice has no worker');
    doomed = 2;
    const exit = once(worker, 'exit');
    worker.kill('SIGKILL');
    await exit;
    await life.controller.suspendVat(alice);
    expect(doomed).to.equal(0);
    expect(suspensionOf(life, alice)).to.include({ suspended: true, paused: true });
    await life.controller.resumeVat(alice);
    expect(await life.call('alice', 'lives')).to.equal(2);
  });
});
