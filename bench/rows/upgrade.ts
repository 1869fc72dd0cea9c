/** Upgrades an online vat to the bundle that it has, again and again. */
import type { Swingset } from '../swingset.js';
import { adminRow } from './admin-row.js';
import { BUNDLE, nameOf } from './dynamic-vats.js';

const upgradeFirst = ({ call }: Swingset) => call('admin', 'upgrade', nameOf(0), BUNDLE);

export const upgrade = adminRow({
  name: 'upgrade',
  title: 'null-upgrade of an online xsnap vat',
  peerDividedBy: 5,
  times: 6,
  prepare: upgradeFirst,
  act: upgradeFirst,
});
