import { kser } from '@agoric/kmarshal';
import { makeTagged as makeAnyTagged } from '@endo/marshal';
import { expect } from 'chai';
import { MAX_BIGINT_DIGITS, MAX_DEPTH } from '../../lib/types/readable-data.js';
import { sourceOf } from '../support/swingset.js';
import { startDemo } from './support/demo.js';

const makeTagged = makeAnyTagged as (tag: string, payload: unknown) => unknown;

const VAT_ADMIN = 'o-50';
const ALICE = 'o-51';
const RESULT = 'p-60';

const data = (body: string, ...slots: string[]) => ({ body, slots });
const answer = (rejected: boolean, body: string, ...slots: string[]) => [
  'resolve',
  [[RESULT, rejected, data(body, ...slots)]],
];
const send = (target: string, body: string, ...slots: string[]) => [
  'send',
  target,
  { methargs: data(body, ...slots) },
];

/** What vats without liveslots say, each of which ends a vat that has to read it. */
const sayings: Readonly<Record<string, readonly unknown[]>> = {
  'an answer with an odd interface name': answer(false, '#"$0.x"', 'o+9'),
  'the same in the old format': answer(false, '{"@qclass":"slot","index":0,"iface":"x"}', 'o+9'),
  'a rejection with one': answer(true, '#"$0.x"', 'o+9'),
  'a message with one': send(ALICE, '#["echo",["$0.x"]]', 'o+9'),
  'a message that is a number': send(ALICE, '#5'),
  'arguments that are a record': send(ALICE, '#["echo",{}]'),
  'a message to vat-admin': send(VAT_ADMIN, '#["createVatAdminService",["$0.x"]]', 'o+9'),
  'a thenable': send(ALICE, '#["echo",[{"then":"$0"}]]', ALICE),
  'a list that is too deep': send(ALICE, `#["echo",[${'['.repeat(9000)}${']'.repeat(9000)}]]`),
  'a bigint of nine million digits': answer(false, `#"+${'9'.repeat(9_000_000)}"`),
};

describe('what nobody can read', () => {
  it('ends the vat that said it, and never one that would receive it', async () => {
    const raw = {
      sourceSpec: sourceOf(import.meta.url, './vats/raw.js'),
      creationOptions: { managerType: 'local', enableSetup: true } as const,
    };
    const names = Object.keys(sayings).map((_, index) => `raw${index}`);
    const demo = await startDemo('local', {
      config: { vats: Object.fromEntries(names.map(name => [name, raw])) },
    });
    const living = () =>
      demo.controller.getStatus().activeVats.map(({ options }) => options.name ?? '');
    for (const [index, [what, syscall]] of Object.entries(sayings).entries()) {
      const name = `raw${index}`;
      const others = living().filter(each => each !== name);
      // In the form of raw.js: name and arguments of the syscall.
      const [call, ...args] = syscall;
      const steps =
        call === 'send'
          ? [[call, args[0], (args[1] as { methargs: unknown }).methargs]]
          : [syscall];
      expect(await demo.host('relay', name, 'do', steps, 'vatAdmin', 'alice'), what).to.deep.equal([
        'rejected',
        'vat terminated',
      ]);
      expect(living(), what).to.have.members(others);
      expect(await demo.host('send', 'alice', 'echo', 1), what).to.deep.equal(['fulfilled', [1]]);
    }
    expect(await demo.host('createVat', 'carol', 'contract')).to.equal('created');
  });

  it('is nothing within the limits, to vats on xsnap', async () => {
    const demo = await startDemo('xsnap');
    const lists = (depth: number): unknown => (depth === 0 ? 1 : [lists(depth - 1)]);
    const records = (depth: number): unknown => (depth === 0 ? 1 : { a: records(depth - 1) });
    const tags = (depth: number): unknown => (depth === 0 ? 1 : makeTagged('a', tags(depth - 1)));
    const long = BigInt('9'.repeat(MAX_BIGINT_DIGITS));
    // Two lists are around it in each message.
    for (const make of [() => long, lists, records, tags]) {
      const value = harden(make(MAX_DEPTH - 2));
      const [status, [got]] = (await demo.host('send', 'alice', 'echo', value)) as [
        string,
        [unknown],
      ];
      expect(status).to.equal('fulfilled');
      expect(kser(got)).to.deep.equal(kser(value));
    }
  });
});
