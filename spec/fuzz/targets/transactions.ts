/**
 * Transactions on a real chain of one node: bytes, and bodies that are signed whatever they say. The
 * decoder refuses with one error whose message is the same on all replicas. What it takes has one
 * byte form, goes through admission, and is executed in a block, which nothing may stop.
 */
import '../without-mocha.js';
import { createHash } from 'node:crypto';
import { encodeCanonical } from '../../../lib/host/transactions/canonical-json.js';
import { toHex } from '../../../lib/host/transactions/hex.js';
import { sign } from '../../../lib/host/transactions/keys.js';
import { decodeTransaction, signTransaction } from '../../../lib/host/transactions/transaction.js';
import { alice, CHAIN_ID, makeChain, message } from '../../host/block-host/support.js';
import { insist, resultOf } from '../oracle.js';
import { ACCEPTED, type Input, type Session, type Target } from '../target.js';

/** The body with this sequence gets the sender's next one, so that it reaches its actions. */
const NEXT = 4_294_967_295;

const ID = `b1-${'0'.repeat(128)}`;
const actions: readonly Input[] = [
  message('app', 'add', 1) as unknown as Input,
  message('app', 'echo', { a: [null, 'b'] }) as unknown as Input,
  { type: 'mailbox', messages: [[1, 'hi']], ack: 0 },
  { type: 'bridge', port: 'p', message: { a: 1 } },
  { type: 'installBundle', bundleID: ID, chunk: 0, chunks: 2, size: 8, bytes: 'AAAA' },
  { type: 'validator', publicKey: '7'.repeat(64), power: 3 },
];
const plan = { name: 'two', height: 1_000_000_000, info: 'x', restart: { mode: 'lazy' } };

const corpus: readonly Input[] = [
  ...actions.map(action => ({ body: { sequence: NEXT, actions: [action] } })),
  { body: { sequence: NEXT, actions: actions.slice(0, 2), priority: true } },
  {
    body: {
      sequence: NEXT,
      actions: [
        { type: 'scheduleUpgrade', plan },
        { type: 'cancelUpgrade', name: plan.name },
      ],
    },
  },
];

const textOf = (body: unknown): string => {
  try {
    return encodeCanonical(body, 'body');
  } catch {
    return typeof body === 'string' ? body : JSON.stringify(body ?? null);
  }
};

/** The format, stated a second time: what `transaction.ts` would not sign gets a signature, too. */
const signText = (body: string): Uint8Array => {
  const hash = createHash('sha256').update(body).digest('hex');
  const signed = Buffer.from(`swingset-kernel transaction 1\n${CHAIN_ID}\n${hash}`);
  const publicKey = toHex(alice.publicKey);
  return Buffer.from(JSON.stringify({ body, publicKey, signature: toHex(sign(signed, alice)) }));
};

const withSequence = (body: unknown, sequence: number): unknown =>
  typeof body === 'object' && body !== null && Reflect.get(body, 'sequence') === NEXT
    ? Object.fromEntries(
        Object.entries(body).map(([name, value]) => [name, name === 'sequence' ? sequence : value]),
      )
    : body;

const start = async (): Promise<Session> => {
  let chain = await makeChain();
  const sequenceOf = (): number => {
    const { sequence } = chain.query(`/account/${alice.address}`) as { sequence: number };
    return sequence;
  };

  const attempt = async (input: Input): Promise<string> => {
    const body = (input as { readonly body?: Input } | null)?.body;
    const bytes =
      body === undefined
        ? Buffer.from(typeof input === 'string' ? input : JSON.stringify(input))
        : signText(textOf(withSequence(body, sequenceOf())));
    const decoded = await resultOf(() => decodeTransaction(bytes, CHAIN_ID));
    if ('value' in decoded) {
      const { sequence, priority, actions: read } = decoded.value;
      const again = { sequence, actions: read, ...(priority && { priority: true as const }) };
      const signed = signTransaction(again, { chainID: CHAIN_ID, key: alice });
      insist(Buffer.compare(signed, bytes) === 0, 'a transaction with two forms');
    } else insist(decoded.code === 'BAD_TRANSACTION', `the decoder refuses with ${decoded.code}`);
    const { code, log } = chain.host.check(bytes, 'new');
    insist(log.length <= 2_000 && log.isWellFormed(), 'a log that is long or not Unicode');
    insist(code !== 0 || 'value' in decoded, 'what does not decode is admitted');
    const executed = await resultOf(() => chain.block(bytes));
    if ('code' in executed) {
      // An earlier transaction planned an upgrade for this height: a chain halts for it.
      insist(executed.code === 'UPGRADE_NEEDED', `a block fails with ${executed.code}`);
      await chain.host.close();
      chain = await makeChain();
      return executed.code;
    }
    const { txResults } = executed.value;
    const [result] = txResults;
    insist(txResults.length === 1, 'a transaction without a result');
    if (!('value' in decoded)) {
      insist(result?.code !== 0, 'what does not decode is executed');
      return 'BAD_TRANSACTION';
    }
    return result?.code === 0 ? ACCEPTED : `code ${result?.code}`;
  };

  return { corpus, attempt, end: () => chain.host.close() };
};

export const transactions: Target = {
  name: 'transactions',
  what: 'the decoder of transactions, admission, and a block of a real chain',
  lifetime: 2_000,
  words: [
    ...['message', 'mailbox', 'bridge', 'installBundle', 'provision', 'upgradeVat', 'propose'],
    ...['type', 'to', 'method', 'args', 'app', 'add', 'priority', 'sequence', 'actions', ID, 'ack'],
    ...['params', 'plan', 'height', 'validators', 'power', 'publicKey', 'roles', '=', 'AAAA', '@'],
  ],
  start,
};
