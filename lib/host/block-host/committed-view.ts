/** The chain as of the last commit: what `info`, `check` and `query` answer from. */
import { readEpochLedger } from '../../platform-epoch/ledger.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { PlatformEpochRecord } from '../../types/platform-epoch.js';
import type { CommittedReader, VatRecords } from '../../store/committed-reader.js';
import type { UpgradePlan } from '../transactions/action-types.js';
import type { ChainParams } from '../chain-params.js';
import { asKVStore, readKernelState } from '../committed-kernel.js';
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
    readKernel: () => readKernelState(kvStore),
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
