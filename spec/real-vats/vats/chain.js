/** Boots Zoe as Agoric's chain does, starts contracts, and keeps what it gets durably. */
import { E, Far } from '@endo/far';
import { makeScalarBigMapStore, provide } from '@agoric/vat-data';

const feeIssuerConfig = harden({
  name: 'Fees',
  assetKind: 'nat',
  displayInfo: { decimalPlaces: 6, assetKind: 'nat' },
});

export const buildRootObject = ({ D }, _vatParameters, baggage) => {
  const provideStore = name =>
    provide(baggage, name, () => makeScalarBigMapStore(name, { durable: true }));
  const powers = provideStore('powers');
  const contracts = provideStore('contracts');
  const issuers = provideStore('issuers');
  const mints = provideStore('mints');

  const addIssuer = (name, issuer, mint) => {
    issuers.init(name, issuer);
    if (mint !== undefined) mints.init(name, mint);
  };
  const bundleIDOf = async bundle =>
    D(await E(powers.get('vatAdmin')).getNamedBundleCap(bundle)).getBundleID();

  return Far('chain', {
    bootstrap: async (vats, devices) => {
      const vatAdmin = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      const timer = await E(vats.timer).createTimerService(devices.timer);
      const { zoeService: zoe } = await E(vats.zoe).buildZoe(vatAdmin, feeIssuerConfig, 'zcf');
      const { alice, bob } = vats;
      for (const [name, power] of Object.entries({ vatAdmin, timer, zoe, alice, bob })) {
        powers.init(name, power);
      }
      for (const [name, assetKind] of [
        ['Moola', 'nat'],
        ['Tickets', 'set'],
      ]) {
        const { issuer, mint } = await E(vats.treasury).makeIssuer(name, assetKind);
        addIssuer(name, issuer, mint);
      }
      for (const trader of [alice, bob]) {
        await E(trader).begin(zoe, timer);
        for (const name of issuers.keys()) await E(trader).openPurse(name, issuers.get(name));
      }
    },

    /** Starts the contract of a named bundle, under a name of its own. */
    start: async (name, bundle, keywords = {}, terms = {}) => {
      const zoe = powers.get('zoe');
      const installation = await E(zoe).installBundleID(await bundleIDOf(bundle));
      const issuerKeywordRecord = Object.fromEntries(
        Object.entries(keywords).map(([keyword, issuer]) => [keyword, issuers.get(issuer)]),
      );
      const kit = await E(zoe).startInstance(
        installation,
        harden(issuerKeywordRecord),
        harden(terms),
        undefined,
        name,
      );
      contracts.init(name, harden({ ...kit, creatorInvitation: undefined }));
    },
    upgrade: async (name, bundle, privateArgs) =>
      E(contracts.get(name).adminFacet).upgradeContract(await bundleIDOf(bundle), privateArgs),
    restart: (name, privateArgs) => E(contracts.get(name).adminFacet).restartContract(privateArgs),
    call: (name, facet, method, ...args) => E(contracts.get(name)[facet])[method](...args),

    /** Adopts the issuer of a contract for both traders. */
    adoptIssuer: async (issuerName, name, issuerFacet, mintFacet) => {
      const kit = contracts.get(name);
      const issuer = issuerFacet
        ? kit[issuerFacet]
        : (await E(powers.get('zoe')).getIssuers(kit.instance))[issuerName];
      addIssuer(issuerName, issuer, mintFacet && kit[mintFacet]);
      for (const trader of ['alice', 'bob']) {
        await E(powers.get(trader)).openPurse(issuerName, issuer);
      }
    },
    give: async (trader, issuer, value) => {
      const brand = await E(issuers.get(issuer)).getBrand();
      const payment = await E(mints.get(issuer)).mintPayment(harden({ brand, value }));
      await E(powers.get(trader)).deposit(payment);
    },
    invite: async (trader, as, name, facet, method) =>
      E(powers.get(trader)).keep(as, await E(contracts.get(name)[facet])[method]()),
    handOver: async (from, to, invitation) =>
      E(powers.get(to)).keep(invitation, await E(powers.get(from)).surrender(invitation)),
    subscribe: async (trader, topic, name) =>
      E(powers.get(trader)).subscribe(
        topic,
        await E(contracts.get(name).publicFacet).getSubscriber(),
      ),
    brandOf: async issuer => E(issuers.get(issuer)).getBrand(),
  });
};
