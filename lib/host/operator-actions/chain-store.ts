/** Tells the store of a chain's node from one that an operator may change. */
import { SwingsetError } from '../../errors.js';
import { openCommittedReader } from '../../store/committed-reader.js';
import { isSwingStore } from '../../store/directory.js';
import { storePathOf } from '../block-host/store-path.js';
import { identity } from '../block-host/tables/chain.js';

/** The store belongs to a node of a chain. What an operator changed there would fork the chain. */
export class ChainStoreError extends SwingsetError {
  readonly code = 'CHAIN_STORE';
  constructor(
    readonly home: string,
    readonly chainID: string,
  ) {
    super(
      `${home} belongs to a node of the chain ${chainID}, whose vats only its transactions may ` +
        'change: install code with `swingset-kernel chain tx install`, and upgrade, suspend or end ' +
        'vats with `swingset-kernel chain tx propose`',
    );
  }
}

const chainIn = (directory: string): string | undefined => {
  if (!isSwingStore(directory)) return undefined;
  const reader = openCommittedReader(directory);
  try {
    return identity.read(reader)?.chainID;
  } finally {
    reader.close();
  }
};

/** @throws ChainStoreError for the home of a chain's node, and for the store in it */
export const insistNoChain = (home: string): void => {
  const chainID = chainIn(home) ?? chainIn(storePathOf(home));
  if (chainID !== undefined) throw new ChainStoreError(home, chainID);
};
