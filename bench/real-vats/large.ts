/** Vats with bundles of a contract's size: alone, with 10,000 durable rows, with 100 durable kinds. */
import type { Context } from '../harness/types.js';
import { bootSwingset, startSwingset, type Swingset } from '../swingset.js';
import type { Subject } from './subject.js';

interface LargeVat {
  readonly name: string;
  readonly rows: number;
  readonly kinds: number;
}

const vatsOf = ({ size }: Context): readonly LargeVat[] => [
  { name: 'bundle-alone', rows: 0, kinds: 0 },
  { name: '10000-rows', rows: size(10_000), kinds: 0 },
  { name: '100-kinds', rows: 100, kinds: 100 },
  { name: '10000-objects', rows: size(10_000), kinds: 100 },
];

/** More would exceed the computrons of a crank. */
const ROWS_AT_ONCE = 200;

const make = async ({ call }: Swingset, { name, rows, kinds }: LargeVat): Promise<void> => {
  await call('admin', 'create', name, 'large', { vatParameters: { kinds } });
  for (let left = rows; left > 0; left -= ROWS_AT_ONCE) {
    await call('admin', 'call', name, 'fill', Math.min(left, ROWS_AT_ONCE));
  }
};

export const largeVats: Subject = {
  name: 'large',
  title: 'vats with bundles of a contract’s size',
  fixture: {
    name: 'large-vats',
    make: async context => {
      const swingset = await startSwingset(context, {
        worker: 'xsnap',
        vats: { admin: 'admin' },
        bundles: ['large'],
      });
      for (const vat of vatsOf(context)) await make(swingset, vat);
      await swingset.close();
    },
  },
  boot: bootSwingset,
  firstCall: ({ call }) => call('admin', 'call', 'bundle-alone', 'total'),
};
