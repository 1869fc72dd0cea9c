import { Far } from '@endo/far';
import { expect } from 'chai';
import { describeError, kslot } from '../../lib/kernel/delivery/kmarshal.js';

describe('describeError', () => {
  const cases: [string, unknown, string][] = [
    ['an error', Error('lost'), 'lost'],
    ['an error without a message', TypeError(), 'TypeError'],
    ['a text', 'enough', 'enough'],
    ['nothing', undefined, 'no reason was given'],
    ['null', null, 'null'],
    ['a number', 7n, '"+7"'],
    ['a record', harden({ code: 7, why: ['a', undefined] }), '{"code":7,"why":["a","#undefined"]}'],
    ['an object of a vat', kslot('ko44', 'Alleged: thing'), '"$0.Alleged: thing"'],
    ['what can not be passed', { toString: Far }, 'a value that has no text'],
  ];
  for (const [what, value, text] of cases) {
    it(`says of ${what}: ${text}`, () => {
      expect(describeError(value)).to.equal(text);
    });
  }

  it('keeps the first 2,000 characters of a long message, and no half of one', () => {
    expect(describeError(Error('x'.repeat(2000)))).to.equal('x'.repeat(2000));
    expect(describeError(Error('x'.repeat(3_000_000)))).to.equal(`${'x'.repeat(2000)}…`);
    expect(describeError(Error(`${'x'.repeat(1999)}😀😀`))).to.equal(`${'x'.repeat(1999)}…`);
  });
});
