import type { ManagerType } from '../../lib/types/vat-options.js';

const isThorough = process.env['SPEC_WORKERS'] === 'all';

/** For specs of the kernel. `npm run test:workers` runs them on xsnap as well. */
export const workers: readonly ManagerType[] = isThorough ? ['local', 'xsnap'] : ['local'];

/** For specs in which the engine matters. `npm run test:workers` runs them on `local` as well. */
export const engineWorkers: readonly ManagerType[] = isThorough ? ['local', 'xsnap'] : ['xsnap'];
