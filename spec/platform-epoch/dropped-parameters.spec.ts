import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import type { PlatformRestartProgress } from '../../lib/platform-epoch/types.js';
import { failureOf } from '../support/failure.js';
import { sourceOf, startLife } from '../support/swingset.js';
import { hashTables, makeConfig, suspensionOf, vatIDs } from './support/fixture.js';

const keeper = { sourceSpec: sourceOf(import.meta.url, 'vats/keeper.js') };

describe('vatParameters that mention an object which nobody holds', () => {
  it('are refused before any write: the restart of its owner would delete it', async () => {
    const life = await startLife({
      config: { vats: { owner: keeper, other: keeper, taker: keeper } },
      worker: 'local',
      platformEpoch: 1,
    });
    const opened = life.controller.queueToVatRoot('owner', 'open', ['an account']);
    await life.run();
    const { slots } = life.controller.kpResolution(opened, { incref: false });
    const account = kslot(slots[0]!);
    // The owner has it in RAM, and the other vat knows it by a weak key only.
    life.controller.queueToVatRoot('owner', 'holdLoosely', [account], 'none');
    life.controller.queueToVatRoot('other', 'recognize', [account, 'known'], 'none');
    await life.run();
    life.controller.reapAllVats();
    await life.run();
    const [object] = life.controller.dump().objects.filter(([kref]) => kref === slots[0]);
    expect(object?.slice(2), 'recognized, but not reachable').to.deep.equal([0, 1]);

    const vatParameters = { [life.controller.vatNameToID('taker')]: { account } };
    await life.hostStorage.commit();
    const before = hashTables(life.store);
    const refusal = await failureOf(
      life.reboot({ platformEpoch: 2, platformRestart: { vatParameters } }),
    );
    expect(refusal).to.include({ code: 'BAD_OPTION' });
    expect(String(refusal)).to.include(`${slots[0]}, which nobody holds any more`);
    expect(hashTables(life.store)).to.deep.equal(before);
    await life.reboot({ platformEpoch: 2 });
    expect(life.controller.dump().objects.map(([kref]) => kref)).not.to.include(slots[0]);
  });
});

describe('a boot that resumes a restart', () => {
  it('takes the options that the restart began with, also once it has ended what they mention', async () => {
    const life = await startLife({
      config: makeConfig(),
      worker: 'local',
      platformEpoch: 1,
      store: 'directory',
    });
    await life.run();
    for (const name of ['carol', 'dave']) await life.call('boot', 'create', name);
    life.controller.queueToVatRoot(
      'boot',
      'introduce',
      ['alice', 'getEphemeral', 'bob', 'it'],
      'none',
    );
    await life.run();
    const [kref] =
      life.controller
        .dump()
        .kernelTable.find(
          ([, owner, vref]) => owner === vatIDs.alice && vref.startsWith('o+') && vref !== 'o+0',
        ) ?? [];
    if (kref === undefined) throw Error('bob holds nothing of alice');
    // The exempt vat takes no parameters, so nothing holds the object for it.
    const platformRestart = { exempt: ['v6'], vatParameters: { v6: { it: kslot(kref) } } };
    const diesBefore = (mortal: string) => ({
      checkpoint: () => life.hostStorage.commit(),
      onRestartProgress: ({ phase, vatID }: PlatformRestartProgress) => {
        if (phase === 'turn' && vatID === mortal) throw Error('the host has died');
      },
    });
    const broken = await failureOf(
      life.reboot({
        platformEpoch: 2,
        platformRestart: { ...platformRestart, ...diesBefore('v6') },
      }),
    );
    expect(String(broken)).to.include('the host has died');
    await life.crash({ platformEpoch: 2, platformRestart });
    expect(life.controller.getPlatformRestartReport()).to.include({ decision: 'resume' });
    expect(life.controller.dump().objects.map(([each]) => each)).not.to.include(kref);
    expect(life.controller.getEpochLedger().at(-1)).to.include({ status: 'complete', exempt: 1 });
  });
});

describe('a promise that the parameters of a sleeping vat no longer mention', () => {
  it('does not wake the vat when it is settled', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.run();
    await life.call('boot', 'create', 'carol');
    const kpid = life.controller.queueToVatRoot('alice', 'later');
    await life.run();
    await life.controller.restartVat('v5', { vatParameters: { news: kslot(kpid) } });
    await life.run();
    const subscribers = () =>
      life.controller
        .dump()
        .promises.flatMap(promise =>
          promise.id === kpid && promise.state === 'unresolved' ? promise.subscribers : [],
        );
    const lazy = { mode: 'lazy', exempt: ['alice'] } as const;
    await life.reboot({ platformEpoch: 2, platformRestart: lazy });
    expect(subscribers(), 'its next incarnation gets the promise').to.deep.equal(['v5']);

    await life.reboot({
      platformEpoch: 3,
      platformRestart: { ...lazy, vatParameters: { v5: {} } },
    });
    expect(subscribers()).to.deep.equal([]);
    life.controller.queueToVatRoot('alice', 'settle', ['soon']);
    await life.run();
    expect(life.resultOf(kpid)).to.equal('soon');
    expect(suspensionOf(life, 'v5')).to.include({ suspended: true, paused: false });
    expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(3);
  });
});
