/** Changes of the validators, checked so that the engine takes them. */
import type { ValidatorAction } from '../../transactions/action-types.js';
import type { BlockWork } from '../block-work.js';
import { totalPower, validators } from '../tables/validators.js';
import { fulfilled, rejected, type ActionOutcome } from './outcome.js';

/** CometBFT's `MaxTotalVotingPower`: 2^63 - 1, divided by 8. */
const MAX_TOTAL_POWER = (2n ** 63n - 1n) / 8n;

export const changeValidator = (
  { rows, validatorPowers }: BlockWork,
  { publicKey, power: given }: ValidatorAction,
): ActionOutcome => {
  const power = BigInt(given);
  const old = BigInt(validators.read(rows, publicKey) ?? '0');
  if (power === 0n && old === 0n) return rejected(`${publicKey} is no validator`);
  const total = totalPower(rows) - old + power;
  if (total === 0n) return rejected('the last validator can not be removed');
  if (total > MAX_TOTAL_POWER) {
    return rejected(`power: all validators together may have ${MAX_TOTAL_POWER}, not ${total}`);
  }
  if (power === 0n) validators.delete(rows, publicKey);
  else validators.write(rows, publicKey, String(power));
  const { before } = validatorPowers.get(publicKey) ?? { before: old };
  validatorPowers.set(publicKey, { before, power });
  return fulfilled();
};
