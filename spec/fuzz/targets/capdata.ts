/**
 * Marshalled data, as it reaches the kernel. What the kernel lets pass must be readable by every
 * receiver, so endo's own marshaller reads it.
 */
import { Far } from '@endo/far';
import { makeMarshal, makeTagged, passStyleOf, type Passable } from '@endo/marshal';
import {
  findExcess,
  findLongMethod,
  isDeeperThan,
} from '../../../lib/kernel/delivery/capdata-limits.js';
import {
  describeMethod,
  findFlaw,
  findMessageFlaw,
  readStyle,
} from '../../../lib/types/readable-data.js';
import { currentLimits, LIMIT_TABLES } from '../../../lib/types/vat-limits.js';
import { insist } from '../oracle.js';
import { ACCEPTED, type Input, type Target } from '../target.js';

interface Data {
  readonly body: string;
  readonly slots: readonly string[];
}

const limits = currentLimits(LIMIT_TABLES);

const thing = Far('thing', {});

const writers = (['smallcaps', 'capdata'] as const).map(serializeBodyFormat =>
  makeMarshal(value => (value instanceof Promise ? 'p-9' : 'o+7'), undefined, {
    serializeBodyFormat,
    marshalName: 'fuzz',
    marshalSaveError: () => undefined,
  }),
);

const values: readonly unknown[] = [
  ...['a', '$0', '#x', '!', '', '\ud800', undefined, null, true, 0, NaN, -Infinity, 5n, -7n],
  ...[Symbol.asyncIterator, Symbol.for('@@foo'), TypeError('x'), [[], ['a', [1]]]],
  ...[{ a: { b: 1n }, '#b': 2, then: 1, '@qclass': 'x' }, makeTagged('copySet', harden(['b']))],
  ...[thing, [thing, thing, { thing }], ['method', ['arg', 1n, { thing }]], [undefined, []]],
  [Symbol.iterator, [Promise.resolve(1), thing]],
];

const corpus: readonly Input[] = writers.flatMap(writer =>
  values.map(value => {
    const { body, slots } = writer.toCapData(harden(value) as Passable);
    return { body, slots };
  }),
);

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

const asData = (input: Input): Data => {
  const { body, slots } = (input ?? {}) as { readonly body?: Input; readonly slots?: Input };
  // A kernel checks these types first, so they are not what is tried here.
  return {
    body: asText(body ?? input),
    slots: Array.isArray(slots) ? slots.map(asText) : [],
  };
};

/** A vat's marshaller: each slot is an object or a promise. */
const makeReader = (data: Data) => {
  const seen = new Map<string, object>();
  return makeMarshal(
    value => {
      for (const [slot, each] of seen) if (each === value) return slot;
      throw Error('a new object');
    },
    (slot, iface) => {
      const found = seen.get(slot);
      if (found) return found;
      const isPromise = slot.startsWith('p');
      const made = isPromise ? Promise.resolve() : Far(iface?.replace(/^Alleged: /, '') ?? 'x', {});
      seen.set(slot, harden(made));
      return made;
    },
    {
      serializeBodyFormat: data.body.startsWith('#') ? 'smallcaps' : 'capdata',
      marshalName: 'fuzz',
      marshalSaveError: () => undefined,
    },
  );
};

const attempt = async (input: Input): Promise<string> => {
  const data = asData(input);
  const excess = findExcess(data, limits);
  if (excess) return `VAT_LIMIT ${excess.limit}`;
  insist(!isDeeperThan(data.body, limits.depth), 'data that is too deep');
  const flaw = findFlaw(data);
  const method = describeMethod(data);
  insist(typeof method === 'string', 'a method without a text');
  const messageFlaw = findMessageFlaw(data);
  if (messageFlaw === undefined) {
    insist(flaw === undefined, 'a message that can be read, and data that can not');
    findLongMethod(data, limits);
  }
  const style = readStyle(data);
  if (flaw !== undefined) {
    insist(messageFlaw !== undefined, 'data that nobody can read, in a message that all can');
    return 'UNREADABLE';
  }
  const reader = makeReader(data);
  const value = reader.fromCapData({ ...data, slots: [...data.slots] });
  insist(style !== undefined, 'data without a style');
  const found = passStyleOf(value);
  const expected = found.replace('copyArray', 'array').replace('copyRecord', 'record');
  insist(style?.style === expected, `${style?.style} was read as ${found}`);
  const again = reader.toCapData(value);
  insist(findFlaw(again) === undefined, `what was read is written as ${again.body}`);
  return ACCEPTED;
};

export const capdata: Target = {
  name: 'capdata',
  what: 'the check of marshalled data, held against endo',
  words: [
    ...['@qclass', 'slot', 'index', 'iface', 'Alleged: x', 'Remotable', 'DebugName: y', 'hilbert'],
    ...['original', 'rest', 'error', 'errorId', 'cause', 'errors', 'message', 'name', 'bigint'],
    ...['digits', 'symbol', '@@asyncIterator', 'tagged', 'tag', 'payload', '#tag', '#error', '$0'],
    ...['&0', '$1.Alleged: x', '+5', '-5', '#undefined', '#NaN', '%foo', '!x', 'o+7', 'p-9', 'p+1'],
    ...[
      '{"@qclass":"slot","index":0}',
      '{"#error":"x","name":"Error"}',
      '"#undefined"',
      '-0',
      '1e9',
    ],
  ],
  start: async () => ({ corpus, attempt, end: async () => undefined }),
};
