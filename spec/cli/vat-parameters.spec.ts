import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kser, kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import { UsageError } from '../../lib/cli/usage-error.js';
import { readParameterRules } from '../../lib/cli/vat-parameter-rules.js';
import { compileRules } from '../../lib/host/parameter-rules.js';
import type { ParameterRule } from '../../lib/types/parameter-rules-schema.js';
import { readParameterValue, writeParameters } from '../../lib/kernel/facets/parameter-notation.js';
import type { VatForParameters } from '../../lib/platform-epoch/types.js';
import { parseBundleID, parseKRef, parseVatID } from '../../lib/types/ids.js';
import { openShops, REFUSAL } from '../platform-epoch/support/market.js';
import { makeTempDir } from '../support/swingset.js';
import { runCommand } from './support.js';

const code = parseBundleID('b1-0a');
const retained = kser({ till: kslot('ko22', 'till'), fee: 3n, note: 'x' });

const vatOf = (given: Partial<VatForParameters>): VatForParameters => ({
  vatID: parseVatID('v7'),
  name: 'shop',
  isStatic: false,
  bundleID: code,
  incarnation: 0,
  retained,
  ...given,
});

const bodyFor = (rules: readonly ParameterRule[], vat: Partial<VatForParameters>) => {
  const value = compileRules(rules).vatParameters(vatOf(vat));
  return value === undefined ? undefined : kser(value);
};

const marshalled = (value: unknown) => {
  const { body, slots } = kser(value);
  return { body, slots: slots.map(slot => parseKRef(slot)) };
};

describe('rules of --vat-parameters', () => {
  it('set and drop fields, and leave the others as they are, references among them', () => {
    const rules = [{ vatID: 'v7', drop: ['note', 'unknown'], set: { fee: { '@bigint': '5' } } }];
    expect(bodyFor(rules, {})).to.deep.equal(kser({ till: kslot('ko22', 'till'), fee: 5n }));
    const bare = [{ vatID: 'v7', drop: ['till', 'fee', 'note'] }];
    expect(bodyFor(bare, {})).to.deep.equal({ body: '#{}', slots: [] });
    const owner = [{ vatID: 'v7', drop: ['till'], set: { of: [{ '@kref': 'ko30' }] } }];
    expect(bodyFor(owner, {})).to.deep.equal(kser({ fee: 3n, note: 'x', of: [kslot('ko30')] }));
  });

  it('all apply that fit, in their order; a vat that has retained nothing begins with no fields', () => {
    const rules = [
      { bundleID: code, set: { fee: 1, tax: 1 } },
      { vatID: 'v7', set: { fee: 2 }, drop: ['tax'] },
    ];
    expect(bodyFor(rules, { retained: undefined })).to.deep.equal(kser({ fee: 2 }));
    expect(bodyFor(rules, { vatID: parseVatID('v8'), retained: kser(undefined) })).to.deep.equal(
      kser({ fee: 1, tax: 1 }),
    );
    expect(bodyFor(rules, { vatID: parseVatID('v8'), bundleID: parseBundleID('b1-0b') })).to.equal(
      undefined,
    );
  });

  it('no dynamic vat gets by its name what is meant for a static one', () => {
    const rules = [{ name: 'vat-*', drop: ['till'] }];
    const named = (name: string, isStatic: boolean) => bodyFor(rules, { name, isStatic });
    expect(named('vat-bank', true)).not.to.equal(undefined);
    expect(named('vat-bank', false)).to.equal(undefined);
    expect(named('my-vat-bank', true)).to.equal(undefined);
    const exact = [{ name: 'a.b+', drop: ['till'] }];
    expect(bodyFor(exact, { name: 'a.b+', isStatic: true })).not.to.equal(undefined);
    expect(bodyFor(exact, { name: 'aXbb', isStatic: true })).to.equal(undefined);
  });

  it('tell which of them fit no vat, and refuse what has no fields', () => {
    const { vatParameters, unused } = compileRules([
      { vatID: 'v7', drop: ['till'] },
      { vatID: 'v70', drop: ['till'] },
      { name: 'bank', drop: ['till'] },
    ]);
    expect(unused(), 'nothing restarted').to.deep.equal([]);
    vatParameters(vatOf({}));
    expect(unused()).to.deep.equal([
      'no live vat fits the rule for v70',
      'no live vat fits the rule for static vats named "bank"',
    ]);
    expect(() => vatParameters(vatOf({ retained: kser(['a', 'list']) }))).to.throw(
      BadOptionError,
      'the parameters of v7 are no record of fields',
    );
  });

  const refused: readonly (readonly [file: unknown, message: string])[] = [
    [{}, '.rules: is missing'],
    [{ rules: [{ vatID: 'v7' }] }, '.rules[0]: expected exactly one of name, vatID and bundleID'],
    [{ rules: [{ set: {}, drop: [] }] }, '.rules[0]: expected exactly one of'],
    [{ rules: [{ vatID: 'v7', name: 'a', drop: [] }] }, 'got name, vatID'],
    [{ rules: [{ vatID: 'bank', drop: [] }] }, '.rules[0].vatID: expected a vatID, such as v7'],
    [{ rules: [{ bundleID: 'v7', drop: [] }] }, '.rules[0].bundleID: expected a bundleID'],
    [{ rules: [{ vatID: 'v7', dorp: [] }] }, '.dorp: unknown field; did you mean drop?'],
    [
      { rules: [{ vatID: 'v7', set: { fee: { '@bigint': 3 } } }] },
      'expected JSON, with references',
    ],
    [{ rules: [{ vatID: 'v7', set: { bank: { '@ref': 'ko1' } } }] }, 'expected JSON, with'],
  ];
  it('are checked against their schema, with errors that name the rule', () => {
    const path = join(makeTempDir(), 'rules.json');
    for (const [content, message] of refused) {
      writeFileSync(path, JSON.stringify(content));
      expect(() => readParameterRules(path), JSON.stringify(content)).to.throw(UsageError, message);
    }
  });

  it('are refused when they are deeper than anything can read', () => {
    const path = join(makeTempDir(), 'rules.json');
    const deep = `${'['.repeat(3_000)}${']'.repeat(3_000)}`;
    writeFileSync(path, `{"rules":[{"vatID":"v7","set":{"fee":${deep}}}]}`);
    expect(() => readParameterRules(path)).to.throw(UsageError, 'at most 200 levels deep');
  });

  it('set and drop fields of any name', () => {
    const path = join(makeTempDir(), 'rules.json');
    const set = '{"__proto__":{"@kref":"ko30"},"constructor":1}';
    writeFileSync(path, `{"rules":[{"vatID":"v7","set":${set},"drop":["toString","note"]}]}`);
    const given = readParameterRules(path).vatParameters(vatOf({ retained: kser({ note: 'x' }) }));
    const found = Object.entries(given as object).map(([name, value]) => [name, kser(value)]);
    expect(found).to.deep.equal([
      ['__proto__', kser(kslot('ko30'))],
      ['constructor', kser(1)],
    ]);
    // And as a whole they are what vats can be given.
    expect(kser(given).slots).to.deep.equal(['ko30']);
    writeFileSync(path, '{"rules":[{"vatID":"v7","drop":[],"__proto__":1}]}');
    expect(() => readParameterRules(path)).to.throw(UsageError, 'rules[0].__proto__');
  });
});

describe('the notation of parameters', () => {
  it('says everything that JSON can not, and reads what it says', () => {
    const value = {
      plain: ['text', 1.5, true, null],
      big: -(10n ** 30n),
      owner: kslot('ko22', 'owner'),
      node: kslot('kd30'),
      nothing: undefined,
    };
    const written = writeParameters(marshalled(value));
    expect(written).to.deep.equal({
      plain: ['text', 1.5, true, null],
      big: { '@bigint': '-1000000000000000000000000000000' },
      owner: { '@kref': 'ko22', iface: 'owner' },
      node: { '@kref': 'kd30' },
      nothing: { '@undefined': true },
    });
    const read = readParameterValue(JSON.parse(JSON.stringify(written)));
    expect(kser(read)).to.deep.equal(kser(value));
  });

  it('shows as marshalled what it has no words for', () => {
    expect(writeParameters(marshalled([Error('oh'), NaN]))).to.deep.equal([
      { '@other': '#{"#error":"oh","name":"Error"}' },
      { '@other': '#"#NaN"' },
    ]);
    expect(writeParameters({ body: 'nonsense', slots: [] })).to.deep.equal({
      '@other': 'nonsense',
    });
  });
});

describe('swingset-kernel params, rehearse and run', () => {
  it('show what a vat has retained, what it refuses, and what other parameters lead to', async () => {
    const home = join(makeTempDir(), 'home');
    const rules = join(makeTempDir(), 'rules.json');
    const life = await openShops(['shop', 'stall'], { store: { path: home } });
    const till = life.controller.pinVatRoot('till');
    await life.hostStorage.commit();

    let failed = false;
    const command = async (...args: string[]): Promise<string> => {
      const { code, text } = await runCommand(...args, '--home', home);
      failed = code !== 0;
      return text;
    };
    // While the kernel runs on it.
    const shown = await command('params', 'shop');
    expect(shown).to.match(/^v4 shop: dynamic, incarnation 0\nbundle b1-[0-9a-f]+\n\n/);
    expect(shown)
      .to.match(/^price +3$/m)
      .and.include(`{"@kref":"${till}","iface":"root"}`);
    expect(JSON.parse(await command('params', 'v4', '--json'))).to.deep.include({
      vatID: 'v4',
      name: 'shop',
      isStatic: false,
      retained: { body: '#{"price":3,"till":"$0.Alleged: root"}', slots: [till] },
      parameters: { price: 3, till: { '@kref': till, iface: 'root' } },
    });
    expect(await command('params', 'till')).to.include('Its parameters have no fields');
    await command('params', 'v40').then(
      () => expect.fail('v40 is no vat'),
      (error: unknown) => {
        expect(String(error)).to.include('"v40" was never the ID of a vat of this swingset');
      },
    );
    await life.close();

    const refusedText = await command('rehearse', '--epoch', '2');
    expect(failed).to.equal(true);
    expect(refusedText).to.include(REFUSAL);
    expect(refusedText).to.include('v4 shop: refused what it has retained: {"price":3,"till":');
    expect(refusedText).to.include('with {"rules":[{"vatID":"v4","drop":["till"]}]}');

    writeFileSync(
      rules,
      JSON.stringify({
        rules: [
          { vatID: 'v4', drop: ['till'] },
          { vatID: 'v5', drop: ['till'], set: { price: 7 } },
          { name: 'stall', set: { price: 9 } },
        ],
      }),
    );
    const options = ['--epoch', '2', '--vat-parameters', rules];
    const page = join(makeTempDir(), 'page.html');
    const text = await command('rehearse', ...options, '--html', page);
    expect(failed).to.equal(false);
    expect(text).to.include('v5 stall: restarted with the parameters that you gave: {"price":7}');
    expect(text).to.include(
      'warning: --vat-parameters: no live vat fits the rule for static vats named "stall"',
    );
    const html = readFileSync(page, 'utf8');
    expect(html).to.include(
      '<li>v4 shop: restarted with the parameters that you gave: {&quot;price&quot;:3}</li>',
    );
    const ran = await command('run', ...options, '--mode', 'lazy');
    expect(ran).to.include('warning: --vat-parameters: no live vat fits the rule for static vats');
    expect(ran).to.match(/^v5 +stall +suspended, not tried yet /m);
    expect(await command('status')).to.match(/^v5 +stall .* suspended, not tried yet$/m);
    expect(await command('params', 'v5')).to.match(/^price +7$/m);
  });
});
