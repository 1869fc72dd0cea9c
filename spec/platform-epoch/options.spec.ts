import { expect } from 'chai';
import { PlatformMismatchError } from '../../lib/platform-epoch/errors.js';
import { loadPlatform } from '../../lib/platform/load-platform.js';
import type { VatOptions } from '../../lib/types/vat-options.js';
import { startLife, type Life } from '../support/swingset.js';
import { failureOf } from '../support/failure.js';
import { makeConfig, resultFor, vatIDs } from './support/fixture.js';

const optionsOf = ({ kernelStorage }: Life, vatID: string): VatOptions =>
  JSON.parse(kernelStorage.kvStore.get(`${vatID}.options`) ?? '') as VatOptions;

/** As SwingSet leaves a store: without epochs, and without engines. */
const forgetEngines = (life: Life): void => {
  const { kvStore } = life.kernelStorage;
  kvStore.delete('platformEpoch.ledger');
  for (const vatID of Object.values(vatIDs)) {
    const options = optionsOf(life, vatID);
    if (options.workerOptions.type === 'local') continue;
    const { engine: _engine, ...workerOptions } = options.workerOptions;
    kvStore.set(`${vatID}.options`, JSON.stringify({ ...options, workerOptions }));
  }
};

describe('platformRestart.assumeEngine', () => {
  it('says what vats run on that SwingSet made: for the guard and exemption', async () => {
    const life = await startLife({
      config: makeConfig(),
      worker: 'xsnap',
      store: 'directory',
      platformEpoch: 1,
    });
    await life.run();
    forgetEngines(life);
    const warnings = () => life.console.filter(line => line.includes('does not say which engine'));
    await life.reboot();
    expect(warnings()).to.have.length(1);
    expect(warnings()[0]).to.include('4 of its vats run on (v1, v2, v3, v4)');

    const older = 'xsnap 0.14.2 (moddable 11111111, xsnap-native 22222222, xs-meter-1)';
    expect(
      await failureOf(life.reboot({ platformRestart: { assumeEngine: older } })),
    ).to.be.instanceOf(PlatformMismatchError);
    const exempt = ['alice'];
    const refused = await failureOf(life.reboot({ platformEpoch: 1, platformRestart: { exempt } }));
    expect(refused).to.include({ code: 'BAD_OPTION', field: 'platformRestart.exempt' });
    expect((refused as Error).message)
      .to.include('does not record the engine of v3')
      .and.to.include("assumeEngine: 'installed'")
      .and.to.include('--assume-engine installed');

    await life.reboot({
      platformEpoch: 1,
      platformRestart: { exempt, assumeEngine: 'installed' },
    });
    expect(resultFor(life, 'v3')).to.include({ result: 'exempt', incarnation: 0 });
    expect(life.controller.getEpochLedger().at(-1)).to.include({ restarted: 3, exempt: 1 });

    const { engine } = (await loadPlatform()).fingerprint;
    await life.reboot({ platformEpoch: 1 });
    expect(optionsOf(life, 'v3').workerOptions, 'known from now on').to.include({ engine });
    expect(warnings()).to.have.length(1);
    expect(await life.call('alice', 'lives')).to.equal(1);
    expect(await life.call('bob', 'lives')).to.equal(2);
  });
});

describe('maxVatsOnline', () => {
  it('is filled by a restart: no other vat is replayed in the place of those it started', async () => {
    const life = await startLife({
      config: makeConfig(),
      worker: 'xsnap',
      platformEpoch: 1,
      warehousePolicy: { maxVatsOnline: 2 },
    });
    await life.run();
    life.slog.length = 0;
    await life.reboot({ platformEpoch: 2 });
    const types = life.slog.map(({ type }) => type);
    const afterwards = types.slice(types.indexOf('epoch-restart-finish') + 1);
    expect(types.filter(type => type === 'vat-startup-start')).not.to.have.length(0);
    expect(afterwards).not.to.include('vat-startup-start').and.not.to.include('vat-evict');
    life.slog.length = 0;
    await life.reboot({ platformEpoch: 2 });
    expect(
      life.slog.filter(({ type }) => type === 'vat-startup-start').map(({ vatID }) => vatID),
      'a boot that restarts nothing',
    ).to.deep.equal(['v1', 'v2']);
  });
});
