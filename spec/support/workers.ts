import type { ManagerType } from '../../lib/types/vat-options.js';

/**
 * What the longer specs run on: xsnap alone, or with `npm run test:workers` on `local`
 * as well, which takes half as long again.
 */
export const workers: readonly ManagerType[] =
  process.env['SPEC_WORKERS'] === 'all' ? ['local', 'xsnap'] : ['xsnap'];
