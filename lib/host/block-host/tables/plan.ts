/** The upgrade that is scheduled, if any. */
import type { UpgradePlan } from '../../transactions/action-types.js';
import { JsonRow } from './json-rows.js';
import { chainKey } from './schema.js';

export const plan = new JsonRow<UpgradePlan>(chainKey('plan'));
