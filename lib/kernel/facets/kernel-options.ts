/** `changeKernelOptions`: options of the whole kernel that a host may change between cranks. */
import { BadOptionError, quoteValue } from '../../errors.js';
import type { KernelState } from '../../state/kernel-state.js';
import {
  COMPUTRON_LIMIT_EXPECTED,
  MAX_COMPUTRON_LIMIT,
  MIN_COMPUTRON_LIMIT,
} from '../../types/vat-limits.js';
import type { HeapPolicy } from '../../types/policies.js';
import type { VatWarehouse } from '../../workers/types.js';

const count = (field: string, value: unknown, least: number): number => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw new BadOptionError(field, value, `an integer of at least ${least}`);
};

const countOrNever = (field: string, value: unknown): number | 'never' =>
  value === 'never' ? value : count(field, value, 1);

const reapThreshold = (name: string, value: unknown): number | 'never' => {
  if (value === 'never' || (Number.isSafeInteger(value) && (value as number) > 0)) {
    return value as number | 'never';
  }
  const rule = 'must be a positive number or "never"';
  const message = `${name} ${typeof value === 'string' ? value : quoteValue(value)} ${rule}`;
  throw new BadOptionError(`options.${name}`, value, 'a positive number or "never"', { message });
};

const computronLimit = (field: string, value: unknown): number | 'never' => {
  const checked = countOrNever(field, value);
  if (checked === 'never' || (checked >= MIN_COMPUTRON_LIMIT && checked <= MAX_COMPUTRON_LIMIT)) {
    return checked;
  }
  throw new BadOptionError(field, value, COMPUTRON_LIMIT_EXPECTED);
};

/** Null turns it off. */
const heapPolicy = (field: string, value: unknown): HeapPolicy | undefined => {
  if (value === null || value === undefined) return undefined;
  const { restartAbove, ...unknown } = value as Record<string, unknown>;
  if (typeof value !== 'object' || Object.keys(unknown).length > 0) {
    throw new BadOptionError(field, value, '{ restartAbove: bytes }, or null');
  }
  return { restartAbove: count(`${field}.restartAbove`, restartAbove, 1) };
};

/** @throws BadOptionError for an unknown or malformed option, before any change */
export const changeKernelOptions = (
  state: KernelState,
  warehouse: VatWarehouse,
  options: Readonly<Record<string, unknown>>,
): void => {
  const changes = Object.entries(options).map(([name, value]): (() => void) => {
    const field = `options.${name}`;
    switch (name) {
      case 'snapshotInitial': {
        const checked = count(field, value, 1);
        return () => (state.settings.snapshotInitial = checked);
      }
      case 'snapshotInterval': {
        const checked = countOrNever(field, value);
        return () => (state.settings.snapshotInterval = checked);
      }
      case 'defaultReapInterval':
      case 'defaultReapGCKrefs': {
        const checked = reapThreshold(name, value);
        const kind = name === 'defaultReapInterval' ? 'deliveries' : 'gcKrefs';
        return () => {
          state.settings.defaultReapDirtThreshold = {
            ...state.settings.defaultReapDirtThreshold,
            [kind]: checked,
          };
        };
      }
      case 'computronLimit': {
        const checked = computronLimit(field, value);
        return () => (state.settings.computronLimit = checked);
      }
      case 'heapPolicy': {
        const checked = heapPolicy(field, value);
        return () => (state.settings.heapPolicy = checked);
      }
      default: {
        const known =
          'snapshotInitial, snapshotInterval, defaultReapInterval, defaultReapGCKrefs, computronLimit, heapPolicy';
        const message = `unknown option ${quoteValue(name)}; the options are ${known}`;
        throw new BadOptionError(field, value, `one of ${known}`, { message });
      }
    }
  });
  for (const change of changes) change();
  const { snapshotInitial, snapshotInterval } = state.settings;
  warehouse.setSnapshotSchedule({ snapshotInitial, snapshotInterval });
};
