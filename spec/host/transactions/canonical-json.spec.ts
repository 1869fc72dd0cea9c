import { expect } from 'chai';
import fc from 'fast-check';
import {
  encodeCanonical,
  MAX_DEPTH,
  parseCanonical,
} from '../../../lib/host/transactions/canonical-json.js';
import { BadTransactionError } from '../../../lib/host/transactions/errors.js';
import { failureOf } from './support.js';

const integer = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ unit: 'grapheme' });
const name = text.filter(chosen => chosen !== '__proto__');

/** Data that has a canonical text. */
const { value: data } = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    integer.map(number => (Object.is(number, -0) ? 0 : number)),
    text,
    fc.array(tie('value'), { maxLength: 5 }),
    // Not a dictionary, which assigns fields: lockdown refuses names such as `valueOf`.
    fc
      .array(fc.tuple(name, tie('value')), { maxLength: 5 })
      .map(fields => Object.fromEntries(fields) as unknown),
  ),
}));

/** The same data in another text: what JSON.parse makes equal data of. */
const otherTexts: readonly (readonly [text: string, why: string])[] = [
  ['{"b":1,"a":2}', 'names that are not sorted'],
  ['{"a": 1}', 'a space'],
  ['{"a":1}\n', 'a line break at the end'],
  ['\ufeff{"a":1}', 'a byte order mark'],
  ['{"a":1,"a":1}', 'a name twice'],
  ['{"a":0,"a":1}', 'a name twice, with another value'],
  ['[1e3]', 'an exponent'],
  ['[1.0]', 'a fraction that is none'],
  ['[-0]', 'minus zero'],
  ['[1000E0]', 'an exponent of zero'],
  ['["\\u0061"]', 'an escape that is not needed'],
  ['["\\/"]', 'an escaped slash'],
  ['["\\u001F"]', 'an escape in capitals'],
  ['["\\u000a"]', 'a long escape of a line feed'],
];

describe('canonical JSON', () => {
  it('is what JSON.parse reads again, and the only text that parses', () => {
    fc.assert(
      fc.property(data, value => {
        const encoded = encodeCanonical(value, 'value');
        expect(JSON.parse(encoded)).to.deep.equal(value);
        expect(parseCanonical(encoded, 'value')).to.deep.equal(value);
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on the order in which fields were set', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 8 }), names => {
        const forwards = Object.fromEntries(names.map(each => [each, each]));
        const backwards = Object.fromEntries(names.toReversed().map(each => [each, each]));
        expect(encodeCanonical(forwards, 'value')).to.equal(encodeCanonical(backwards, 'value'));
      }),
    );
  });

  it('sorts names by UTF-16 code units, digits as text', () => {
    const value = { é: 1, z: 2, 10: 3, 9: 4, '\u{1f600}': 5, '\uff00': 6, '': 7 };
    expect(encodeCanonical(value, 'value')).to.equal(
      '{"":7,"10":3,"9":4,"z":2,"é":1,"\u{1f600}":5,"\uff00":6}',
    );
  });

  for (const [other, why] of otherTexts) {
    it(`refuses ${why}`, () => {
      expect(() => JSON.parse(other.replace('\ufeff', ''))).not.to.throw();
      expect(failureOf(() => parseCanonical(other, 'value')).message).to.match(/^value/);
    });
  }

  it('refuses any other text of the same data', () => {
    const space = fc.constantFrom(' ', '\n', '\t', '\r');
    fc.assert(
      fc.property(data, fc.nat(), space, (value, at, added) => {
        const encoded = encodeCanonical(value, 'value');
        const place = at % (encoded.length + 1);
        const changed = `${encoded.slice(0, place)}${added}${encoded.slice(place)}`;
        let read: unknown;
        try {
          read = parseCanonical(changed, 'value');
        } catch (error) {
          expect(error).to.be.instanceOf(BadTransactionError);
          return;
        }
        // The space came into a text, and made other data.
        expect(read).not.to.deep.equal(value);
      }),
      { numRuns: 300 },
    );
  });

  it('says where a text differs', () => {
    expect(failureOf(() => parseCanonical('{"a":1,"b":1e3}', 'body')).message).to.equal(
      'body: expected canonical JSON (sorted names, each once, without spaces); ' +
        'at character 12 that is "000}", got "e3}"',
    );
  });

  it('takes safe integers only, and names the place and the value of others', () => {
    const refused = {
      '9007199254740992': '9007199254740992',
      '9007199254740993': '9007199254740992',
      '-9007199254740992': '-9007199254740992',
      '1.5': '1.5',
      '1e400': 'Infinity',
      '-0': '-0',
    };
    for (const [number, shown] of Object.entries(refused)) {
      expect(failureOf(() => parseCanonical(`{"a":[${number}]}`, 'body')).message).to.equal(
        'body.a[0]: expected an integer from -(2^53-1) to 2^53-1; write other numbers as strings, ' +
          `got ${shown}`,
      );
    }
    const extremes = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    expect(parseCanonical(JSON.stringify(extremes), 'body')).to.deep.equal(extremes);
  });

  it('refuses lone surrogates, raw and escaped, in texts and in names', () => {
    const raw = '"\ud800"';
    for (const lone of ['["\\ud800"]', `[${raw}]`, '{"\\udc00":1}', '["\\udc00\\ud800"]']) {
      expect(failureOf(() => parseCanonical(lone, 'body')).message).to.match(
        /^body.*: expected text without lone surrogates/,
      );
    }
    expect(parseCanonical('["\u{1f600}"]', 'body')).to.deep.equal(['\u{1f600}']);
  });

  it('refuses a name that sets prototypes', () => {
    expect(failureOf(() => parseCanonical('{"a":{"__proto__":1}}', 'body')).message).to.equal(
      'body.a.__proto__: expected any name but __proto__, got "__proto__"',
    );
  });

  it('refuses what is nested too deep before it parses it', () => {
    const nest = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(() => parseCanonical(nest(MAX_DEPTH), 'body')).not.to.throw();
    for (const levels of [MAX_DEPTH + 1, 1_000_000]) {
      const error = failureOf(() => parseCanonical(nest(levels), 'body'));
      expect(error).to.include({ fault: 'depth' });
      expect(error.message).to.equal('body: expected at most 100 levels, got more');
    }
    // Not JSON either, but not even looked at.
    expect(failureOf(() => parseCanonical('{"a":'.repeat(500_000), 'body'))).to.include({
      fault: 'depth',
    });
    let deep: unknown = 1;
    for (let level = 0; level <= MAX_DEPTH; level += 1) deep = [deep];
    expect(failureOf(() => encodeCanonical(deep, 'body'))).to.include({ fault: 'depth' });
  });

  it('refuses what is no JSON data, and says what it is', () => {
    const refused: readonly (readonly [value: unknown, message: string])[] = [
      [undefined, 'body.x: expected JSON data, got a value of type undefined'],
      [() => 1, 'body.x: expected JSON data, got a value of type function'],
      [5n, 'body.x: expected JSON data, got a value of type bigint'],
      [new Map(), 'body.x: expected JSON data, got an object of another kind'],
      [new Uint8Array(1), 'body.x: expected JSON data, got an object of another kind'],
    ];
    for (const [x, message] of refused) {
      expect(failureOf(() => encodeCanonical({ x }, 'body')).message).to.equal(message);
    }
    // eslint-disable-next-line no-sparse-arrays
    expect(failureOf(() => encodeCanonical([1, , 2], 'body')).message).to.equal(
      'body[1]: expected JSON data, got a value of type undefined',
    );
    expect(failureOf(() => parseCanonical('{', 'body')).message).to.equal(
      'body: expected JSON, got "{"',
    );
  });
});
