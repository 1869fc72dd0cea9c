/** The lockdown bundle of our platform. */
import type { OwnBundleSource } from '../own-bundle.js';
import { LOCKDOWN_EDITS } from './edits.js';

export const lockdownSource: OwnBundleSource = {
  name: 'lockdown',
  entry: 'lockdown/entry.js',
  edits: LOCKDOWN_EDITS,
};
