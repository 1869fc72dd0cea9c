/** The part of a genesis that the block host reads. */
import { buildGenesis } from '../../../host/block-host/build-genesis.js';
import type { GenesisSources } from '../../../host/block-host/build-genesis.js';
import { insistGenesis } from '../../../host/block-host/genesis.js';
import type { ChainGenesis } from '../../../host/block-host/genesis-types.js';

/**
 * Bundles the configuration, and checks everything before it is written into a genesis that all
 * nodes share.
 * @throws BadGenesisError, and the errors of bundling
 */
export const makeAppState = async (sources: GenesisSources): Promise<ChainGenesis> =>
  insistGenesis(await buildGenesis(sources));
