import { expect } from 'chai';
import { fateOf, type Fate } from '../../lib/kernel/vats/fate.js';
import type { FailurePolicy } from '../../lib/types/platform-epoch.js';

describe('the fate of a vat that fails at its start', () => {
  const table: readonly [
    vat: { readonly critical: boolean; readonly isVatAdmin: boolean },
    fates: Readonly<Record<FailurePolicy, Fate>>,
  ][] = [
    [
      { critical: false, isVatAdmin: false },
      { suspend: 'suspend', terminate: 'terminate', panic: 'panic' },
    ],
    [
      { critical: false, isVatAdmin: true },
      { suspend: 'suspend', terminate: 'suspend', panic: 'panic' },
    ],
    [
      { critical: true, isVatAdmin: false },
      { suspend: 'panic', terminate: 'panic', panic: 'panic' },
    ],
    [
      { critical: true, isVatAdmin: true },
      { suspend: 'panic', terminate: 'panic', panic: 'panic' },
    ],
  ];

  for (const [vat, fates] of table) {
    for (const wish of ['suspend', 'terminate', 'panic'] as const) {
      const kind = `${vat.critical ? 'critical ' : ''}${vat.isVatAdmin ? 'vat-admin' : 'vat'}`;
      it(`${kind}, where the host wishes "${wish}": ${fates[wish]}`, () => {
        expect(fateOf(vat, wish)).to.equal(fates[wish]);
      });
    }
  }
});
