/** The lockdown bundle of our platform. */
import type { OwnBundleSource } from '../own-bundle.js';

export const lockdownSource: OwnBundleSource = {
  name: 'lockdown',
  entry: 'lockdown/entry.js',
};
