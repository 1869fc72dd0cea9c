import { expect } from 'chai';
import { makeKeepers, type Keepers } from './support/keepers.js';

describe('a swingstore of SwingSet, adopted', () => {
  let keepers: Keepers;
  before('make one, and use it', async () => {
    keepers = await makeKeepers();
  });
  after(() => keepers.remove());

  it('is a swingset like any other from then on', async () => {
    const life = await keepers.open({ platformEpoch: 'first' });
    await life.run();
    await life.call('boot', 'create', 'k10', { of: 'ours' });
    await life.call('boot', 'send', 'k10', 'note', 'hello');
    expect(await life.call('boot', 'upgrade', 'k1', { of: 'our upgrade' })).to.deep.equal({
      incarnationNumber: 2,
    });
    expect((await keepers.read(life, 'k1')).vatParameters).to.deep.equal({ of: 'our upgrade' });
    await life.call('boot', 'terminate', 'k3');
    await life.reboot();
    expect(await life.call('boot', 'send', 'account k2', 'add', 1n)).to.equal(13n);
    await life.reboot({ platformEpoch: 'second' });
    expect(life.controller.getEpochLedger().map(({ epoch }) => epoch)).to.deep.equal([
      ...['first', 'second'],
    ]);
    expect((await keepers.read(life, 'k10')).notes).to.deep.equal(['hello']);
    expect(await life.call('boot', 'send', 'account k2', 'read')).to.deep.equal([
      'owner at k2',
      13n,
    ]);
    keepers.check(life);
  });

  it('restarts lazily as well', async () => {
    const life = await keepers.open({
      platformEpoch: 'first',
      platformRestart: { mode: 'lazy' },
    });
    const started = life.slog.filter(
      ({ type, dispatch }) => type === 'deliver' && dispatch === 'startVat',
    );
    expect(started.length).to.be.lessThan(13);
    await life.run();
    await keepers.expectAllKept(life, 2);
    keepers.check(life);
  });

  it('goes on where it was without an epoch', async () => {
    const life = await keepers.open();
    expect(life.controller.getPlatformRestartReport()).to.equal(undefined);
    await life.run();
    for (const kpid of keepers.queued) {
      expect(life.controller.kpStatus(kpid)).to.equal('fulfilled');
    }
    const { notes } = await keepers.read(life, 'k1');
    expect(notes.slice(-3)).to.deep.equal(['queued one', 'queued two', 'queued three']);
    expect(await life.call('boot', 'send', 'k1', 'lives')).to.equal(1);
  });
});
