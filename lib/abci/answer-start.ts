/** Answers InitChain. Tendermint's key types but ed25519 are refused: accounts have one type. */
import type { RequestInitChain } from 'cosmjs-types/tendermint/abci/types.js';
import type { BlockHost } from '../host/block-host/types.js';
import { fromInt64, type AbciResponse } from './codec.js';
import { versionUpdate } from './consensus-params.js';
import { toValidator } from './validators.js';

export const initChain = async (
  host: BlockHost,
  { chainId, time, initialHeight, appStateBytes, validators }: RequestInitChain,
): Promise<AbciResponse> => {
  const { appHash } = await host.init({
    chainID: chainId,
    time,
    initialHeight: fromInt64(initialHeight, 'initChain.initialHeight'),
    appState: appStateBytes,
    validators: validators.map((each, index) => toValidator(each, `validators[${index}]`)),
  });
  // The genesis' validators and parameters stay, but for the version: that is the application's.
  const consensusParams = versionUpdate(host.info().appVersion);
  return { kind: 'initChain', value: { appHash, consensusParams } };
};
