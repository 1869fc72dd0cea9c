/** Orders to a node in its own process, as JSON. */
import type { LocalOptions } from '../../../lib/host/block-host/local-options.js';
import type { Block, BlockResult } from '../../../lib/host/block-host/types.js';

export interface NodeOrder {
  readonly home: string;
  readonly options: LocalOptions;
  readonly blocks: readonly WrittenBlock[];
  /** A height and the name of a fault point. */
  readonly killAt: string;
  /** Gets a line of JSON for each result. */
  readonly resultFile: string;
}

interface WrittenBlock {
  readonly height: number;
  readonly seconds: string;
  readonly nanos: number;
  /** In hexadecimal digits, as the next. */
  readonly txs: readonly string[];
  readonly hash: string;
}

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

export const writeBlock = ({ height, time, txs, hash }: Block): WrittenBlock => ({
  height,
  seconds: String(time.seconds),
  nanos: time.nanos,
  txs: txs.map(toHex),
  hash: toHex(hash),
});

export const readBlock = ({ height, seconds, nanos, txs, hash }: WrittenBlock): Block => ({
  height,
  time: { seconds: BigInt(seconds), nanos },
  txs: txs.map(fromHex),
  hash: fromHex(hash),
});

/** Equal texts for equal results, of the engine's first question and of later ones. */
export const writeResult = (height: number, result: BlockResult): string => {
  const plain = {
    ...result,
    appHash: toHex(result.appHash),
    txResults: result.txResults.map(each => ({ ...each, data: toHex(each.data) })),
    validatorUpdates: result.validatorUpdates.map(({ publicKey, power }) => ({
      publicKey: toHex(publicKey),
      power: String(power),
    })),
    appVersion: result.appVersion === undefined ? null : String(result.appVersion),
  };
  return JSON.stringify({ height, result: plain });
};
