/**
 * Zoe's contract facet with contracts of the registry, on both platforms, with and without a served
 * `importBundle`, and with an image that knows both bundles: the same syscalls in the same order and
 * the same vatstore, from creation through bringOutYourDead, an upgrade and a restart (issue 15).
 * Takes a minute; `platforms.slow.ts` plays whole markets.
 */
import { fileURLToPath } from 'node:url';
import { kser, kslot } from '@agoric/kmarshal';
import bundleSource from '@endo/bundle-source';
import { expect } from 'chai';
import type { Bundle } from '../../lib/store/types.js';
import type { CapData, VatDelivery } from '../../lib/types/messages.js';
import type { VRef } from '../../lib/types/ids.js';
import { expectSameLives } from '../platform/supervisor/support/lives.js';
import { bringOutYourDead, call, vref } from '../workers/support/fixture.js';
import { installRealVats } from './install.js';

const CONTRACTS = ['automaticRefund', 'scaledPriceAuthority', 'coveredCall-durable'];

const bundleOf = async (path: string): Promise<Bundle> => {
  const file = fileURLToPath(new URL(`./node_modules/@agoric/zoe/${path}`, import.meta.url));
  return await bundleSource(file, { format: 'endoZipBase64' });
};

const data = (value: unknown): CapData<VRef> => kser(value) as CapData as CapData<VRef>;
const bundleCap = kslot('d-70');

const startFacet = (parameters: object): VatDelivery => [
  'startVat',
  data({ contractBundleCap: bundleCap, ...parameters }),
];

const creation: readonly VatDelivery[] = [
  startFacet({
    zoeService: kslot('o-50', 'Alleged: ZoeService'),
    invitationIssuer: kslot('o-51', 'Alleged: Zoe Invitation issuer'),
  }),
  call('startZcf', [
    kslot('o-60', 'Alleged: ZoeInstanceAdmin'),
    {
      installation: kslot('o-61', 'Alleged: Installation'),
      instance: kslot('o-62', 'Alleged: InstanceHandle'),
      terms: { issuers: {}, brands: {} },
    },
    [],
    {},
  ]),
  bringOutYourDead,
];
const next: readonly VatDelivery[] = [
  startFacet({ privateArgs: {} }),
  call('noSuchMethod', [], vref('p-70')),
  bringOutYourDead,
];

describe('the contract facet of Zoe', () => {
  let facet: Bundle;

  before(installRealVats);
  before(async () => {
    facet = await bundleOf('contractFacet.js');
  });

  for (const name of CONTRACTS) {
    it(`does the same on each platform with ${name}`, async () => {
      const contract = await bundleOf(`src/contracts/${name}.js`);
      const { deeds, stock, own, served, known } = await expectSameLives(
        [
          { bundle: facet, deliveries: creation },
          { bundle: facet, deliveries: next },
          { bundle: facet, deliveries: next },
        ],
        {
          serves: true,
          alsoKnown: true,
          alsoKnows: [contract],
          answer: ([type]) => (type === 'callNow' ? ['ok', data(contract)] : undefined),
        },
      );
      expect(deeds.events).to.have.length.above(300);
      const costs = [stock, own, served, known].map(ran => ran?.computrons[0] ?? 0);
      expect(costs, 'from the dearest to the cheapest').to.deep.equal(
        costs.toSorted((a, b) => b - a),
      );
    });
  }
});
