import type { ManagerType } from '../../lib/types/vat-options.js';

/**
 * The worker types that the longer specs run on: xsnap, and with `npm run test:workers` also
 * `local`, which takes half as long again.
 */
export const workers: readonly ManagerType[] =
  process.env['SPEC_WORKERS'] === 'all' ? ['local', 'xsnap'] : ['xsnap'];
