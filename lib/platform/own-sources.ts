/** The bundles of our platform, in the order of evaluation. */
import { lockdownSource } from './lockdown/lockdown.js';
import type { OwnBundleSource } from './own-bundle.js';

const supervisorSource: OwnBundleSource = {
  name: 'supervisor',
  entry: 'supervisor/entry.js',
};

export const OWN_SOURCES = [lockdownSource, supervisorSource] as const;
