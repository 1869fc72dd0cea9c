/** The chain as of the last commit: what `info`, `check` and `query` answer from. */
import { readEpochLedger } from '../../platform-epoch/ledger.js';
import { KernelState } from '../../state/kernel-state.js';
import type { PlatformEpochRecord } from '../../types/platform-epoch.js';
import type { CommittedReader, VatRecords } from '../../store/committed-reader.js';
import { keysAfter } from '../../store/keys-after.js';
import type { KernelStorage, KVStore } from '../../store/types.js';
import type { UpgradePlan } from '../transactions/action-types.js';
import type { ChainParams } from '../chain-params.js';
import type { RowReader } from './rows.js';
import * as chain from './tables/chain.js';
import { readLastBlock, type LastBlock } from './tables/last-block.js';
import { plan } from './tables/plan.js';

/** Read once per commit. */
export interface CommittedView {
  readonly rows: RowReader;
  /** The kernel's tables, to read only. Made anew for each answer: they remember what they read. */
  readonly readKernel: () => KernelState;
  readonly vatRecords: VatRecords;
  readonly readActivityhash: () => string;
  readonly lastBlock: LastBlock;
  readonly identity: chain.ChainIdentity;
  readonly params: ChainParams;
  readonly appVersion: bigint;
  readonly ledger: readonly PlatformEpochRecord[];
  readonly plan: UpgradePlan | undefined;
}

/** The kernel's tables ask for a kvStore. Their readers only read it. */
const asKVStore = ({ get, getNextKey }: CommittedReader): KVStore => {
  const refuse = () => {
    throw TypeError('committed rows are read-only');
  };
  return {
    get,
    getNextKey,
    getNextKeys: (previousKey, most) => keysAfter(getNextKey, previousKey, most),
    has: key => get(key) !== undefined,
    set: refuse,
    delete: refuse,
  };
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
  const kvStore = asKVStore(reader);
  return {
    rows: reader,
    // Only cranks need more of the storage.
    readKernel: () => new KernelState({ kvStore } as KernelStorage),
    vatRecords: reader,
    readActivityhash: reader.getActivityhash,
    lastBlock,
    identity: chain.identity.require(reader),
    params: chain.params.require(reader),
    appVersion: BigInt(chain.appVersion.require(reader)),
    ledger: readEpochLedger({ kvStore }),
    plan: plan.read(reader),
  };
};
