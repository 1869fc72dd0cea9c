/** This node's last block. Not state of the chain: an empty block changes it and not the app hash. */
import type { BlockResult, BlockTime } from '../types.js';
import type { RowReader, Rows } from '../rows.js';
import { JsonRow } from './json-rows.js';
import { localKey } from './schema.js';

export interface LastBlock {
  /** 0 for the genesis. */
  readonly height: number;
  readonly time: BlockTime;
  /** The engine's hash of the block, in hexadecimal digits. Empty for the genesis. */
  readonly hash: string;
  readonly result: BlockResult;
}

const row = new JsonRow<unknown>(localKey('lastBlock'));

/** JSON has no bytes and no bigints. */
interface Notation {
  readonly '@bytes'?: string;
  readonly '@bigint'?: string;
}

const toJson = (_name: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return { '@bigint': String(value) };
  return value instanceof Uint8Array ? { '@bytes': Buffer.from(value).toString('hex') } : value;
};

/** @param value - What `toJson` wrote: no other record has fields of these names. */
const fromJson = (_name: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const { '@bytes': bytes, '@bigint': digits } = value as Notation;
  if (bytes !== undefined) return Uint8Array.from(Buffer.from(bytes, 'hex'));
  return digits === undefined ? value : BigInt(digits);
};

export const readLastBlock = (rows: RowReader): LastBlock | undefined => {
  const text = row.read(rows);
  return text === undefined ? undefined : (JSON.parse(text as string, fromJson) as LastBlock);
};

export const writeLastBlock = (rows: Rows, block: LastBlock): void => {
  // A Buffer would become a record of its own kind before `toJson` sees it.
  const plain = { ...block, result: withPlainBytes(block.result) };
  row.write(rows, JSON.stringify(plain, toJson));
};

const withPlainBytes = (result: BlockResult): BlockResult => ({
  ...result,
  appHash: Uint8Array.from(result.appHash),
  txResults: result.txResults.map(each => ({ ...each, data: Uint8Array.from(each.data) })),
  validatorUpdates: result.validatorUpdates.map(({ publicKey, power }) => ({
    publicKey: Uint8Array.from(publicKey),
    power,
  })),
});
