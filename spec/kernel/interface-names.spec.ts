import { expect } from 'chai';
import { interfaceIn } from '../../lib/kernel/gc/interface-names.js';

describe('interfaceIn', () => {
  const smallcaps = (value: unknown, ...slots: string[]) => ({
    body: `#${JSON.stringify(value)}`,
    slots,
  });
  const classic = (value: unknown, ...slots: string[]) => ({ body: JSON.stringify(value), slots });
  const slot = (index: number, iface: string) => ({ '@qclass': 'slot', iface, index });

  for (const [what, data, expected] of [
    ['one of several', smallcaps(['$0.Alleged: saw', '$1.Alleged: lamp'], 'ko1', 'ko2'), 'lamp'],
    ['at its first mention', smallcaps(['$0.Alleged: lamp', '$0'], 'ko2'), 'lamp'],
    ['escaped', smallcaps('$0.Alleged: "la\nmp"', 'ko2'), '"la\nmp"'],
    ['a name that is cut off', smallcaps(`$0.${'x'.repeat(1_000)}`, 'ko2'), 'x'.repeat(100)],
    ['in the older encoding', classic({ a: slot(1, 'Alleged: lamp') }, 'ko1', 'ko2'), 'lamp'],
    ['nothing for what has no name', smallcaps('$0.Remotable', 'ko2'), undefined],
    ['nothing for what is not there', smallcaps('$0.Alleged: lamp', 'ko1'), undefined],
    ['nothing for a string that looks like one', smallcaps('!$0.Alleged: lamp', 'ko2'), undefined],
    ['nothing for what is no data', { body: '#"$0.\\u"', slots: ['ko2'] }, undefined],
  ] as const) {
    it(`finds ${what}`, () => {
      expect(interfaceIn(data, 'ko2')).to.equal(expected);
    });
  }
});
