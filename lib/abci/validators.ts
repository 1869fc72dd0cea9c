/** Validators as the engine and as the block host have them. */
import type { DeepPartial } from 'cosmjs-types/helpers.js';
import type { ValidatorUpdate as WireValidator } from 'cosmjs-types/tendermint/abci/types.js';
import type { ValidatorUpdate } from '../host/block-host/types.js';
import { toInt64 } from './codec.js';
import { WireValueError } from './errors.js';

/** @throws WireValueError for a key of another type */
export const toValidator = ({ pubKey, power }: WireValidator, field: string): ValidatorUpdate => {
  const { ed25519 } = pubKey;
  if (ed25519 === undefined) {
    const found = Object.keys(pubKey).join() || 'none';
    throw new WireValueError(`${field}.pubKey`, found, 'a key of type ed25519');
  }
  return { publicKey: ed25519, power };
};

export const fromValidator = (
  { publicKey, power }: ValidatorUpdate,
  field: string,
): DeepPartial<WireValidator> => ({
  pubKey: { ed25519: publicKey },
  power: toInt64(power, `${field}.power`),
});
