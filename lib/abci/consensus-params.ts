/**
 * What the application changes of the engine's consensus parameters: the app version alone.
 *
 * An update without `version` resets the version to the genesis', and a partial `evidence` sends a
 * duration of 0. So an answer has `version` and nothing else, or no update at all.
 */
import type { DeepPartial } from 'cosmjs-types/helpers.js';
import type { ConsensusParams } from 'cosmjs-types/tendermint/types/params.js';

export const versionUpdate = (appVersion: bigint): DeepPartial<ConsensusParams> => ({
  version: { app: appVersion },
});
