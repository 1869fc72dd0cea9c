import { expect } from 'chai';
import { sourceOf, startLife } from '../support/swingset.js';
import { makeConfig } from './support/fixture.js';

const start = async (worker: 'local' | 'xsnap', critical: readonly string[] = []) => {
  const { vats = {}, bundles } = makeConfig({ critical });
  const { alice, bob } = vats;
  if (!alice || !bob) throw Error('the fixture has alice and bob');
  const ender = { sourceSpec: sourceOf(import.meta.url, 'vats/ender.js') };
  const life = await startLife({
    config: {
      bootstrap: 'ender',
      pinBootstrapRoot: true,
      vats: { ender, alice, bob },
      ...(bundles && { bundles }),
    },
    worker,
    platformEpoch: 1,
    checkAtEnd: critical.length === 0,
  });
  life.controller.pinVatRoot('alice');
  await life.run();
  await life.call('ender', 'choose', life.controller.vatNameToID('bob'));
  return life;
};

describe('a vat that the start of another ends in the midst of a restart', () => {
  for (const [worker, platformRestart] of [
    ['xsnap', { mode: 'eager', concurrency: 4 }],
    ['local', { mode: 'lazy' }],
    ['local', { mode: 'eager', exempt: ['bob'], onVatFailure: 'panic' }],
  ] as const) {
    it(`is reported as such, and the others go on (${JSON.stringify(platformRestart)})`, async () => {
      const life = await start(worker);
      await life.reboot({ platformEpoch: 2, platformRestart });
      const { vats } = life.controller.getPlatformRestartReport() ?? { vats: [] };
      expect(vats.map(({ name, result, error }) => [name, result, error])).to.deep.equal([
        ['ender', 'restarted', undefined],
        ['vatAdmin', 'restarted', undefined],
        ['alice', 'restarted', undefined],
        ['bob', 'terminated', undefined],
      ]);
      expect(life.controller.getEpochLedger().at(-1)).to.include({
        status: 'complete',
        restarted: 3,
        failed: 0,
      });
      expect(await life.call('alice', 'bump')).to.deep.equal([1, 1]);
      const live = life.controller.getStatus().activeVats.map(({ options: { name } }) => name);
      expect(live).to.deep.equal(['ender', 'vatAdmin', 'alice']);
    });
  }

  it('stops the boot if it is critical', async () => {
    const life = await start('local', ['bob']);
    let failure: unknown;
    await life.reboot({ platformEpoch: 2 }).catch((error: unknown) => {
      failure = error;
    });
    expect(String(failure)).to.include('critical vat').and.include('out of the way');
  });
});
