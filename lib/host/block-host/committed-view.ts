/** The chain as of the last commit: what `info`, `check` and `query` answer from. */
import { readEpochLedger } from '../../platform-epoch/ledger.js';
import type { PlatformEpochRecord } from '../../types/platform-epoch.js';
import type { CommittedReader } from '../../store/committed-reader.js';
import type { KVStore } from '../../store/types.js';
import type { UpgradePlan } from '../transactions/action-types.js';
import type { ChainParams } from './genesis-types.js';
import type { RowReader } from './rows.js';
import * as chain from './tables/chain.js';
import { readLastBlock, type LastBlock } from './tables/last-block.js';
import { plan } from './tables/plan.js';

/** Read once per commit. */
export interface CommittedView {
  readonly rows: RowReader;
  readonly lastBlock: LastBlock;
  readonly identity: chain.ChainIdentity;
  readonly params: ChainParams;
  readonly appVersion: bigint;
  readonly ledger: readonly PlatformEpochRecord[];
  readonly plan: UpgradePlan | undefined;
}

/** The ledger's table asks for a kvStore and only reads it. */
const asKVStore = ({ get, getNextKey }: CommittedReader): KVStore => {
  const refuse = () => {
    throw TypeError('committed rows are read-only');
  };
  return { get, getNextKey, has: key => get(key) !== undefined, set: refuse, delete: refuse };
};

export const heightOf = ({ lastBlock }: CommittedView): number => lastBlock.height;

/** The height of the next block. */
export const nextHeightOf = ({ lastBlock, identity }: CommittedView): number =>
  lastBlock.height === 0 ? identity.initialHeight : lastBlock.height + 1;

export const epochsOf = ({ ledger }: Pick<CommittedView, 'ledger'>) =>
  ledger.map(({ epoch }) => epoch);

/** @returns undefined before there is a chain */
export const readCommitted = (reader: CommittedReader): CommittedView | undefined => {
  const lastBlock = readLastBlock(reader);
  if (!lastBlock) return undefined;
  return {
    rows: reader,
    lastBlock,
    identity: chain.identity.require(reader),
    params: chain.params.require(reader),
    appVersion: BigInt(chain.appVersion.require(reader)),
    ledger: readEpochLedger({ kvStore: asKVStore(reader) }),
    plan: plan.read(reader),
  };
};
