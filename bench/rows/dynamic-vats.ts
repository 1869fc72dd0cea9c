/** Dynamic vats of one kind, made and used through `vats/admin.js`. */
import type { Context, Fixture } from '../harness/types.js';
import { startSwingset, type Swingset, type SwingsetConfig } from '../swingset.js';

/** The bundle of the vats: a kind, a durable collection and a virtual one. */
export const BUNDLE = 'contract';

export const adminConfig: SwingsetConfig = {
  worker: 'xsnap',
  vats: { admin: 'admin' },
  bundles: [BUNDLE],
};

export const nameOf = (index: number): string => `vat-${index}`;

export const createVat = ({ call }: Swingset, index: number): Promise<number> =>
  call('admin', 'create', nameOf(index), BUNDLE);

/** Rows that one delivery adds; more would exceed the computrons of a crank. */
const ROWS_AT_ONCE = 200;

/** Each row is a durable object in a durable collection, and an entry of a virtual one. */
const fillVat = async ({ call }: Swingset, index: number, rows: number): Promise<void> => {
  for (let left = rows; left > 0; left -= ROWS_AT_ONCE) {
    await call('admin', 'call', nameOf(index), 'fill', Math.min(left, ROWS_AT_ONCE));
  }
};

export interface VatsToMake {
  readonly count: number;
  readonly rows: number;
  /** Replaces parts of the configuration. */
  readonly config?: Partial<SwingsetConfig>;
}

export const makeVats = async (
  context: Context,
  { count, rows, config }: VatsToMake,
): Promise<void> => {
  const swingset = await startSwingset(context, { ...adminConfig, ...config });
  for (let index = 0; index < count; index += 1) {
    await createVat(swingset, index);
    await fillVat(swingset, index, rows);
  }
  await swingset.close();
};

const VATS = 20;

/** Twenty vats; in a quick run, two. */
export const vatCount = ({ size }: Context): number => size(VATS);

export const fixtureOf = (rows: number): Fixture => ({
  name: `${VATS}-vats-with-${rows}-rows`,
  make: context => makeVats(context, { count: vatCount(context), rows }),
});
