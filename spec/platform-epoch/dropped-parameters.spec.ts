import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import { failureOf } from '../support/failure.js';
import { sourceOf, startLife } from '../support/swingset.js';
import { hashTables } from './support/fixture.js';

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
