import { kser, kslot } from '@agoric/kmarshal';
import { Far } from '@endo/far';
import { makeMarshal, makeTagged, type Passable } from '@endo/marshal';
import { expect } from 'chai';
import {
  MAX_BIGINT_DIGITS,
  MAX_DEPTH,
  describeMethod,
  findFlaw,
  findMessageFlaw,
  readStyle,
} from '../../lib/types/readable-data.js';
import { currentLimits, LIMIT_TABLES } from '../../lib/types/vat-limits.js';

const nested = (depth: number) => `#${'['.repeat(depth)}${']'.repeat(depth)}`;
const digits = (count: number) => '9'.repeat(count);

/** What marshallers make of these, in either format. */
const passables: readonly [what: string, value: unknown, style: string][] = [
  ['a string', 'a', 'string'],
  ['a string that begins like something else', '$0', 'string'],
  ['half a surrogate pair', '\ud800', 'string'],
  ['undefined', undefined, 'undefined'],
  ['null', null, 'null'],
  ['a boolean', true, 'boolean'],
  ['NaN', NaN, 'number'],
  ['-Infinity', -Infinity, 'number'],
  ['a bigint', 5n, 'bigint'],
  ['a negative bigint', -7n, 'bigint'],
  ['a well-known symbol', Symbol.asyncIterator, 'symbol'],
  ['a registered symbol', Symbol.for('@@foo'), 'symbol'],
  ['an error', TypeError('$0'), 'error'],
  ['lists', [[], ['a', [1]]], 'array'],
  ['a record', { a: { b: 1n }, '#b': 2, '!c': 3, then: 1, '@qclass': 'x' }, 'record'],
  ['a record that is hidden in both formats', { '@qclass': 1 }, 'record'],
  ['a tagged record', makeTagged('copySet', harden(['b', 'a'])), 'tagged'],
  ['an object', Far('thing', {}), 'remotable'],
  ['objects without a name, and twice', [Far('Remotable', {})], 'array'],
];

const marshals = (['smallcaps', 'capdata'] as const).map(
  serializeBodyFormat =>
    [
      serializeBodyFormat,
      makeMarshal(() => 'o+7', undefined, {
        serializeBodyFormat,
        marshalName: 'spec',
        marshalSaveError: () => undefined,
      }),
    ] as const,
);

/** Nobody should have to read these. */
const flaws: readonly [what: RegExp, body: string, slots?: readonly string[]][] = [
  [/not JSON/, ''],
  [/not JSON/, '#[1'],
  [/white space/, '#[1,\n2]'],
  [/slot that does not exist/, '#"$5.Alleged: x"', ['o+9']],
  [/malformed reference/, '#"$"', ['o+9']],
  [/malformed reference/, '#"$00"', ['o+9']],
  [/interface name/, '#"$0.x"', ['o+9']],
  [/interface name/, '{"@qclass":"slot","index":0,"iface":"x"}', ['o+9']],
  [/properties/, '{"@qclass":"slot","index":0,"extra":1}', ['o+9']],
  [/slot that does not exist/, '{"@qclass":"slot","index":"0"}', ['o+9']],
  [/promise spelt as an object/, '#"$0"', ['p+9']],
  [/promise spelt as an object/, '#"&0"', ['o+9']],
  [/nothing mentions/, '#"x"', ['o+9']],
  [/unknown constant/, '#"#nope"'],
  [/reserved/, '#"(x"'],
  [/unknown symbol/, '#"%@@nope"'],
  [/malformed bigint/, '#"+"'],
  [/malformed bigint/, '#"+0x10"'],
  [/malformed bigint/, '{"@qclass":"bigint","digits":{"toString":1}}'],
  [/bigint of/, `#"+${digits(MAX_BIGINT_DIGITS + 1)}"`],
  [/bigint of/, `{"@qclass":"bigint","digits":"${digits(MAX_BIGINT_DIGITS + 1)}"}`],
  [/nested/, nested(MAX_DEPTH + 2)],
  [/nested/, nested(3_000_000)],
  [/thenable/, '#{"then":"$0"}', ['o+9']],
  [/thenable/, '{"then":{"@qclass":"slot","index":0}}', ['o+9']],
  [/error name/, '#{"#error":"x"}'],
  [/error message/, '#{"#error":5,"name":"Error"}'],
  [/properties/, '#{"#error":"x","name":"Error","stack":"y"}'],
  [/cause is not an error/, '#{"#error":"x","name":"Error","cause":5}'],
  [/errors are not a list/, '#{"#error":"x","name":"AggregateError","errors":{}}'],
  [/missing part/, '#{"#tag":"x"}'],
  [/tag that is not a string/, '#{"#tag":"%x","payload":1}'],
  [/unknown constant/, '#{"#unknown":1}'],
  [/property name/, '#{"+5":1}'],
  [/unknown class/, '{"@qclass":"ibid","index":0}'],
  [/escaped record/, '{"@qclass":"hilbert","original":1,"rest":[]}'],
];

describe('data from outside', () => {
  for (const [what, value, style] of passables) {
    it(`may be ${what}`, () => {
      for (const [format, marshal] of marshals) {
        const data = marshal.toCapData(harden(value) as Passable);
        expect(findFlaw(data), format).to.equal(undefined);
        if (format === 'smallcaps') expect(readStyle(data)?.style).to.equal(style);
      }
    });
  }

  it('may mention references again and again, and errors with causes', () => {
    const [object, promise] = [kslot('ko1', 'Alleged: x'), kslot('kp2')];
    expect(findFlaw(kser([object, promise, object, { object }]))).to.equal(undefined);
    const error = '{"#error":"x","name":"Error"}';
    const caused = `#{"#error":"x","name":"Error","cause":${error},"errors":[${error}]}`;
    expect(findFlaw({ body: caused, slots: [] })).to.equal(undefined);
  });

  it('may be as deep, and have bigints as long, as the limits say', () => {
    expect(findFlaw({ body: nested(MAX_DEPTH + 1), slots: [] })).to.equal(undefined);
    // The table is state and never changes; this module must follow it.
    expect(currentLimits(LIMIT_TABLES).depth).to.equal(MAX_DEPTH);
    const body = `#"-${digits(MAX_BIGINT_DIGITS)}"`;
    expect(findFlaw({ body, slots: [] })).to.equal(undefined);
  });

  for (const [what, body, slots = []] of flaws) {
    it(`may not be ${body.slice(0, 60) || 'nothing'} with ${slots.join() || 'no slots'}`, () => {
      expect(findFlaw({ body, slots })).to.match(what);
    });
  }
});

describe('messages from outside', () => {
  const methods: readonly [body: string, text: string][] = [
    ['#["x",[]]', 'x'],
    ['#["!!x",[]]', '!x'],
    ['#["%foo",[]]', '[foo]'],
    ['#["%@@@@foo",[]]', '[@@@@foo]'],
    ['#["%@@asyncIterator",[]]', '[@@asyncIterator]'],
    ['#["#undefined",[]]', '<funcall>'],
    ['#["x","#undefined"]', 'x'],
    ['["!x",[]]', '!x'],
    ['[{"@qclass":"undefined"},[]]', '<funcall>'],
    ['[{"@qclass":"@@asyncIterator"},[]]', '[@@asyncIterator]'],
    ['[{"@qclass":"symbol","name":"foo"},[]]', '[foo]'],
  ];
  for (const [body, text] of methods) {
    it(`may be ${body}, which calls ${text}`, () => {
      expect(findMessageFlaw({ body, slots: [] })).to.equal(undefined);
      expect(describeMethod({ body, slots: [] })).to.equal(text);
    });
  }

  for (const body of ['#5', '#{}', '#[]', '#["x"]', '#[5,[]]', '#["x",5]', '#["x",{}]', '#"x"']) {
    it(`may not be ${body}`, () => {
      expect(findMessageFlaw({ body, slots: [] })).to.be.a('string');
      expect(describeMethod({ body, slots: [] })).to.equal('<unintelligible method>');
    });
  }
});
