/** Creates vats, one after the other, each with a commit. */
import { adminRow } from './admin-row.js';
import { createVat } from './dynamic-vats.js';

export const createVatRow = adminRow({
  name: 'create',
  title: 'create a small xsnap vat',
  peerDividedBy: 7,
  times: 6,
  act: createVat,
});
