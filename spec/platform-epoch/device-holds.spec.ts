import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import { sourceOf, startLife, type Life } from '../support/swingset.js';

const vat = (file: string) => ({ sourceSpec: sourceOf(import.meta.url, `vats/${file}`) });

interface Shelf {
  readonly life: Life;
  readonly alice: string;
  /** Puts what a method of alice returns on the shelf; nobody else holds it then. */
  readonly shelve: (method: string) => Promise<string>;
  /** Lets the device send to all that it holds, between cranks. */
  readonly sendFromHost: (method: string) => void;
  readonly upgrade: () => Promise<unknown>;
  /** Owner and counts of an object. */
  readonly row: (kref: string) => readonly unknown[] | undefined;
  /** Messages to alice since the last call. */
  readonly delivered: () => string[];
}

const start = async (): Promise<Shelf> => {
  let sendFromHost: Shelf['sendFromHost'] = () => expect.fail('the device offered nothing');
  const life = await startLife({
    config: {
      bootstrap: 'boot',
      pinBootstrapRoot: true,
      vats: { boot: vat('shelf-boot.js'), alice: vat('subject.js') },
      bundles: { subject: vat('subject.js') },
      devices: { shelf: vat('device-shelf.js') },
    },
    worker: 'local',
    platformEpoch: 1,
    deviceEndowments: {
      shelf: { offer: (send: Shelf['sendFromHost']) => (sendFromHost = send) },
    },
  });
  await life.run();
  const alice = life.controller.vatNameToID('alice');
  const subject = life.kernelStorage.kvStore.get('namedBundleID.subject') ?? '';
  return {
    life,
    alice,
    shelve: async method => {
      const kpid = life.controller.queueToVatRoot('alice', method);
      await life.run();
      const [kref = ''] = life.controller.kpResolution(kpid, { incref: false }).slots;
      await life.call('boot', 'shelve', kslot(kref));
      life.controller.reapAllVats();
      await life.run();
      return kref;
    },
    sendFromHost: method => {
      sendFromHost(method);
    },
    upgrade: async () => {
      const upgraded = life.controller.upgradeStaticVat('alice', false, subject);
      await life.run();
      return life.resultOf(upgraded);
    },
    row: kref => life.controller.dump().objects.find(([each]) => each === kref),
    delivered: () =>
      life.slog
        .splice(0)
        .filter(
          ({ type, vatID, dispatch }) =>
            type === 'deliver' && vatID === alice && dispatch === 'message',
        )
        .map(({ vd }) => String((vd as unknown[])[1])),
  };
};

const changes: readonly [string, (shelf: Shelf) => Promise<unknown>][] = [
  ['an epoch', ({ life }) => life.reboot({ platformEpoch: 2 })],
  [
    'a lazy epoch',
    ({ life }) => life.reboot({ platformEpoch: 2, platformRestart: { mode: 'lazy' } }),
  ],
  ['an upgrade', ({ upgrade }) => upgrade()],
];

describe('an object that a device alone holds', () => {
  for (const [what, change] of changes) {
    it(`goes on through ${what} if it is durable, and takes no messages then if not`, async () => {
      const shelf = await start();
      const { life, alice, row } = shelf;
      const [thing, lost] = [await shelf.shelve('getThing'), await shelf.shelve('getEphemeral')];
      for (const kref of [thing, lost]) expect(row(kref)).to.deep.equal([kref, alice, 1, 1]);
      shelf.delivered();
      shelf.sendFromHost('use');
      await life.run();
      expect(shelf.delivered(), 'before').to.have.length(2);

      await change(shelf);
      expect(await life.call('alice', 'lives')).to.equal(2);
      life.controller.reapAllVats();
      await life.run();
      expect(row(thing)).to.deep.equal([thing, alice, 1, 1]);
      expect(row(lost), 'no vat has it').to.deep.equal([lost, undefined, 1, 1]);

      shelf.delivered();
      await life.call('boot', 'sendToAll', 'use');
      shelf.sendFromHost('use');
      await life.run();
      const known = life.kernelStorage.kvStore.get(`${alice}.c.${thing}`);
      expect(shelf.delivered().map(vref => `R ${vref}`)).to.deep.equal([known, known]);
      expect(await life.call('boot', 'use')).to.deep.equal(['thing used 4', 'vat terminated']);
      expect(await life.call('alice', 'lives')).to.equal(2);
    });
  }

  it('takes no messages when its vat has ended', async () => {
    const shelf = await start();
    const { life, alice, row } = shelf;
    const thing = await shelf.shelve('getThing');
    life.controller.terminateVat(alice, { body: '#"enough"', slots: [] });
    await life.run();
    expect(row(thing)).to.deep.equal([thing, undefined, 1, 1]);
    expect(await life.call('boot', 'sendToAll', 'use')).to.equal(undefined);
    shelf.sendFromHost('use');
    await life.run();
    expect(await life.call('boot', 'use')).to.deep.equal(['vat terminated']);
  });
});
