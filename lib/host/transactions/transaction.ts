/**
 * Transactions: a signed body in an envelope.
 *
 * Bytes: canonical JSON of `{ body, publicKey, signature }`. `body` is a text, itself canonical
 * JSON. The key signs three lines: what is signed, the chain's ID, and the SHA-256 of that text.
 *
 * Invariants
 * 1. A transaction has one byte form: nobody but the holder of its key can make a second one that
 *    decodes, from which the same actions would follow.
 * 2. A transaction of one chain is none of another chain.
 * 3. Work is bounded by the number of bytes. Checks go from cheap to dear: size, depth, form,
 *    fields, and the signature last.
 */
import { createHash } from 'node:crypto';
import { BadOptionError } from '../../errors.js';
import type { Action, TransactionBody } from './action-types.js';
import { addressOf } from './addresses.js';
import { insistBody } from './body.js';
import { encodeCanonical, parseCanonical } from './canonical-json.js';
import { BadTransactionError } from './errors.js';
import { fromHex, isHex, toHex } from './hex.js';
import { PUBLIC_KEY_BYTES, sign, SIGNATURE_BYTES, verify, type SigningKey } from './keys.js';

/**
 * More than any engine takes by default: its mempool's limit is 1 MiB, and its RPC's 1,000,000
 * characters of base64. A chain's own limit is a parameter in its genesis.
 */
export const MAX_TRANSACTION_BYTES = 1_048_576;

const SIGNED_WHAT = 'swingset-kernel transaction 1';

/** As long as CometBFT's. A line break would make the signed text ambiguous. */
const CHAIN_ID = /^[\x21-\x7e]{1,50}$/;

export interface DecodedTransaction {
  /** SHA-256 of the bytes, in hexadecimal digits: the engine's name for the transaction. */
  readonly hash: string;
  /** The address of the key that signed. */
  readonly sender: string;
  readonly publicKey: Uint8Array;
  readonly sequence: number;
  readonly priority: boolean;
  readonly actions: readonly Action[];
  readonly size: number;
}

interface Envelope {
  readonly body: string;
  readonly publicKey: string;
  readonly signature: string;
}

/** @throws BadOptionError for an ID that no chain can have */
export const insistChainID = (chainID: string): string => {
  if (CHAIN_ID.test(chainID)) return chainID;
  throw new BadOptionError('chainID', chainID, '1 to 50 printable ASCII characters without spaces');
};

/** The engine's name for transactions: SHA-256, in hexadecimal digits. */
export const transactionHash = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

/** The body's hash and not the body: Node hashes far faster than the signature's JavaScript. */
const signedBytes = (chainID: string, body: string): Uint8Array => {
  const hash = createHash('sha256').update(body).digest('hex');
  return Buffer.from(`${SIGNED_WHAT}\n${insistChainID(chainID)}\n${hash}`);
};

export interface SignOptions {
  readonly chainID: string;
  readonly key: SigningKey;
}

/**
 * The bytes of a signed transaction.
 * @throws BadTransactionError for a body that the chain would refuse in any state
 */
export const signTransaction = (
  body: TransactionBody,
  { chainID, key }: SignOptions,
): Uint8Array => {
  const text = encodeCanonical(body, 'body');
  insistBody(JSON.parse(text));
  const envelope: Envelope = {
    body: text,
    publicKey: toHex(key.publicKey),
    signature: toHex(sign(signedBytes(chainID, text), key)),
  };
  return Uint8Array.from(Buffer.from(encodeCanonical(envelope, 'transaction')));
};

const decodeText = (bytes: Uint8Array): string => {
  try {
    // With `ignoreBOM`, a byte order mark stays in the text, and is no JSON.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const details = { field: 'transaction', value: bytes, expected: 'UTF-8' };
    throw new BadTransactionError('encoding', { ...details, found: 'other bytes' });
  }
};

const insistSize = ({ length }: Uint8Array, maxBytes: number): void => {
  if (length <= maxBytes) return;
  throw new BadTransactionError('size', {
    field: 'transaction',
    value: length,
    expected: `at most ${maxBytes} bytes`,
    found: `${length} bytes`,
  });
};

const fieldFault = (field: string, value: unknown, expected: string): BadTransactionError =>
  new BadTransactionError('field', { field: `transaction${field}`, value, expected });

const insistEnvelope = (value: unknown): Envelope => {
  const names = typeof value === 'object' && value !== null ? Object.keys(value).join() : '';
  if (names !== 'body,publicKey,signature') {
    throw fieldFault('', value, 'a record of body, publicKey and signature');
  }
  const { body, publicKey, signature } = value as Readonly<Record<keyof Envelope, unknown>>;
  if (typeof body !== 'string') throw fieldFault('.body', body, 'a text');
  if (!isHex(publicKey, PUBLIC_KEY_BYTES)) {
    throw fieldFault('.publicKey', publicKey, '64 hexadecimal digits (0-9, a-f)');
  }
  if (!isHex(signature, SIGNATURE_BYTES)) {
    throw fieldFault('.signature', signature, '128 hexadecimal digits (0-9, a-f)');
  }
  return { body, publicKey, signature };
};

/**
 * Reads a transaction and checks all that needs no state: form, fields, signature.
 * @param maxBytes - The chain's limit. Default: `MAX_TRANSACTION_BYTES`.
 * @throws BadTransactionError whose message is equal on all replicas
 */
export const decodeTransaction = (
  bytes: Uint8Array,
  chainID: string,
  maxBytes = MAX_TRANSACTION_BYTES,
): DecodedTransaction => {
  insistSize(bytes, maxBytes);
  const envelope = insistEnvelope(parseCanonical(decodeText(bytes), 'transaction'));
  const body = insistBody(parseCanonical(envelope.body, 'body'));
  const publicKey = fromHex(envelope.publicKey);
  const message = signedBytes(chainID, envelope.body);
  if (!verify(message, publicKey, fromHex(envelope.signature))) {
    throw new BadTransactionError('signature', {
      field: 'transaction.signature',
      value: envelope.signature,
      expected: `the signature of ${envelope.publicKey} for chain ${chainID}`,
    });
  }
  return {
    hash: transactionHash(bytes),
    sender: addressOf(publicKey),
    publicKey,
    sequence: body.sequence,
    priority: body.priority === true,
    actions: body.actions,
    size: bytes.length,
  };
};
