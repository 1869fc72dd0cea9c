/** Connects the static vats, creates the journal vat, and works when the host asks. */
import { E, Far } from '@endo/far';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const round = async () => {
    const { alice, bob } = baggage.get('vats');
    await Promise.all([E(alice).save(), E(bob).save()]);
    await E(baggage.get('journal')).write('a round of savings');
  };

  return Far('bootstrap', {
    bootstrap: async (vats, devices) => {
      const { alice, bob, ledger } = vats;
      const vatMaker = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      const { root, adminNode } = await E(vatMaker).createVatByName('journal', {
        name: 'journal',
        vatParameters: { title: 'rounds' },
      });
      baggage.init('vats', harden({ alice, bob, ledger }));
      baggage.init('journal', root);
      baggage.init('journalAdmin', adminNode);
      await Promise.all([E(alice).connect(ledger), E(bob).connect(ledger)]);
      return 'ready';
    },
    work: async rounds => {
      for (let count = 0; count < rounds; count += 1) await round();
      return rounds;
    },
    report: async () => {
      const { alice, bob, ledger } = baggage.get('vats');
      return harden({
        alice: await E(alice).getNews(),
        bob: await E(bob).getNews(),
        ledger: await E(ledger).report(),
        journal: await E(baggage.get('journal')).report(),
      });
    },
  });
};
