/** `swingset-kernel bundle list`: the bundles of a store, and who uses them. */
import { listBundles } from '../../host/bundle-list.js';
import type { ListedBundle } from '../../host/bundle-list.js';
import { lookAtStore } from '../../host/look-at-store.js';
import { formatBytes } from '../store-reports.js';
import { formatTable, widthOf } from '../table.js';
import { cutTo, vatLabel } from './labels.js';
import type { BundleListArgs } from './look-args.js';
import type { LookIO } from './look-io.js';

/** How many vats a line names. */
const NAMED = 4;

/** Enough to tell bundles apart. */
const ID_DIGITS = 16;

const vatsText = (vats: ListedBundle['vats']): readonly string[] => {
  const others = vats.length - NAMED;
  return [
    ...vats.slice(0, NAMED).map(vatLabel),
    ...(others > 0 ? [`${others} more vat${others === 1 ? '' : 's'}`] : []),
  ];
};

const usersText = ({ vats, devices, names, platformOf }: ListedBundle): string | undefined => {
  const users = [
    ...vatsText(vats),
    ...devices.map(name => `device ${name}`),
    ...(platformOf > 0 ? [`the platform of ${platformOf} vat${platformOf === 1 ? '' : 's'}`] : []),
    ...names.map(name => `named ${name}`),
  ];
  return users.length === 0 ? undefined : users.join(', ');
};

const tableOf = (
  bundles: readonly ListedBundle[],
  showID: (bundleID: string) => string = bundleID => bundleID,
): string =>
  formatTable(
    ['bundle', 'size', 'used by'],
    bundles.map(bundle => [
      showID(bundle.bundleID),
      bundle.bytes === null ? 'missing' : formatBytes(bundle.bytes),
      usersText(bundle),
    ]),
  );

const listText = (bundles: readonly ListedBundle[], width: number | undefined): string => {
  if (bundles.length === 0) return 'no bundles';
  const whole = tableOf(bundles);
  if (width === undefined || widthOf(whole) <= width) return whole;
  const short = tableOf(bundles, bundleID => `${bundleID.slice(0, ID_DIGITS)}…`);
  const lines = short.split('\n').map(line => cutTo(line, width));
  return [...lines, '', 'whole IDs: --json'].join('\n');
};

export const bundleListCommand = async (
  { home, json }: BundleListArgs,
  { print, columns }: Pick<LookIO, 'print' | 'columns'>,
): Promise<void> => {
  const bundles = await lookAtStore(home, listBundles);
  print(json ? JSON.stringify(bundles, null, 2) : listText(bundles, columns));
};
