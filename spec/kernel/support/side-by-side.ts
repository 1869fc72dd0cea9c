/** Plays the same script on SwingSet's kernel and on ours, and compares what both recorded. */
import { kunser } from '@agoric/kmarshal';
import { expect } from 'chai';
import { originalKernelBundles } from '../../support/original-bundles.js';
import { startOriginal, type EitherLife } from '../../support/original.js';
import { withBundles } from '../../support/shared-bundles.js';
import { startLife } from '../../support/swingset.js';
import type { SwingSetConfig } from '../../../lib/controller/config-types.js';
import type { SlogEntry } from '../../../lib/types/slog.js';
import type { RunPolicy } from '../../../lib/types/policies.js';
import type { DeviceEndowments } from '../../../lib/controller/option-types.js';

/** Returns what a script observed, for comparison. Scripts turn errors into data. */
export type Script = (life: EitherLife) => Promise<unknown>;

/** Calls the host vat of the demo swingset. Reads each result once, so that no promise is kept. */
export const hostOf =
  ({ controller, run }: EitherLife) =>
  async (method: string, ...args: unknown[]): Promise<unknown> => {
    const kpid = controller.queueToVatRoot('host', method, args);
    await run();
    const { body, slots } = controller.kpResolution(kpid, { incref: false });
    return kunser({ body, slots: [...slots] });
  };

/**
 * A run policy that records its calls. Computrons of small deliveries may be those of vat-admin,
 * which is other code; rows that a vat leaves behind are counted otherwise.
 */
export const listening = (told: unknown[]): RunPolicy => {
  const note =
    (kind: string) =>
    (details: { computrons?: bigint; cleanups?: Readonly<Record<string, number>> } = {}) => {
      const { computrons = 0n, cleanups } = details;
      const { kv: _rows, total: _sum, ...counted } = cleanups ?? {};
      told.push([
        kind,
        ...(computrons > 1_000_000n ? [Number(computrons)] : []),
        ...(cleanups ? [Object.keys(cleanups), counted] : []),
      ]);
      return true;
    };
  let mayCleanUp = true;
  return {
    vatCreated: note('vatCreated'),
    crankComplete: note('crankComplete'),
    crankFailed: note('crankFailed'),
    emptyCrank: note('emptyCrank'),
    didCleanup: note('didCleanup'),
    allowCleanup: () => {
      told.push('allowCleanup');
      const allowed = mayCleanUp;
      mayCleanUp = false;
      return allowed;
    },
  };
};

/**
 * The order of everything, with names of the kernel's and the vats' own; nothing of the machine.
 */
const comparedTypes: Readonly<Record<string, readonly string[]>> = {
  'crank-start': ['crankNum', 'crankType', 'messageType', 'message'],
  deliver: ['crankNum', 'vatID', 'deliveryNum', 'dispatch', 'kd', 'vd'],
  'deliver-result': ['crankNum', 'vatID', 'deliveryNum', 'dispatch', 'dr'],
  syscall: ['crankNum', 'vatID', 'deliveryNum', 'syscallNum', 'syscall', 'ksc', 'vsc'],
  'syscall-result': ['crankNum', 'vatID', 'deliveryNum', 'syscallNum', 'syscall', 'ksr', 'vsr'],
  clist: ['crankNum', 'vatID', 'mode', 'kobj', 'vobj'],
  'heap-snapshot-save': ['vatID', 'snapshotID', 'endPosition'],
};

/** Bigints become numbers. A missing result always has the same form. */
const plainValue = (key: string, value: unknown): unknown => {
  if (key === 'result' && value === null) return undefined;
  return typeof value === 'bigint' ? Number(value) : value;
};

/** The built-in vat-admin is other code, with other keys in its vatstore and other costs. */
const isOfOtherCode = ({ type, vatID, syscall }: SlogEntry, vatAdmin: string): boolean =>
  vatID === vatAdmin &&
  (type === 'heap-snapshot-save' || /^vatstore/.test(typeof syscall === 'string' ? syscall : ''));

/** Status and computrons, which count for deliveries that succeed; the rest is of the machine. */
const comparableResult = (dr: unknown): unknown => {
  const [status, , usage] = dr as [string, unknown, { compute: number } | null];
  return status === 'ok' ? [status, usage && { compute: usage.compute }] : [status];
};

/** Where the kernels are known to differ. */
export interface Allowances {
  /** The host's ends of vats are cranks here, so that later ones have other numbers. */
  readonly hostEndsVats?: boolean;
  /** Cranks come in another order, or vats run other code. */
  readonly learntOnly?: boolean;
}

const comparableEntries = (
  slog: readonly SlogEntry[],
  vatAdmin: string,
  { hostEndsVats = false }: Allowances,
): string[] => {
  const plain = JSON.parse(JSON.stringify(slog, plainValue)) as SlogEntry[];
  // Of what it deletes of a terminated vat, SwingSet's log names a part only.
  const cleanups = new Set(
    plain
      .filter(({ messageType }) => messageType === 'cleanup-terminated-vat')
      .map(({ crankNum }) => crankNum),
  );
  return plain
    .filter(({ type, crankNum }) => type !== 'clist' || !cleanups.has(crankNum))
    .filter(entry => entry.type in comparedTypes && entry['replay'] !== true)
    .filter(entry => !isOfOtherCode(entry, vatAdmin))
    .filter(entry => entry['messageType'] !== 'terminate-vat')
    .map(entry => (hostEndsVats ? { ...entry, crankNum: null } : entry))
    .map(({ syscallNum, ...entry }) =>
      JSON.stringify([
        entry.type,
        ...(comparedTypes[entry.type] ?? []).map(field => {
          if (entry['vatID'] === vatAdmin && field === 'dr') return 'not compared';
          if (field === 'dr') return comparableResult(entry[field]);
          if (field === 'syscallNum') return entry['vatID'] === vatAdmin ? null : syscallNum;
          return entry[field];
        }),
      ]),
    );
};

/** Describes the first difference between two lists, with the entries before it. */
const expectSame = (ours: readonly string[], theirs: readonly string[]): void => {
  const at = theirs.findIndex((entry, index) => entry !== ours[index]);
  if (at >= 0) {
    const before = theirs.slice(Math.max(0, at - 3), at).join('\n');
    expect(ours[at], `entry ${at}, after\n${before}`).to.equal(theirs[at]);
  }
  expect(ours.length).to.equal(theirs.length);
};

const play = async (life: EitherLife, script: Script, allowances: Allowances) => {
  await life.run();
  const learnt = JSON.stringify(await script(life), (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  const vatAdmin = life.controller.vatNameToID('vatAdmin');
  return { learnt, entries: comparableEntries(life.slog, vatAdmin, allowances) };
};

/** @returns how many entries were compared */
export const expectSameLife = async (
  given: SwingSetConfig | Readonly<Record<'theirs' | 'ours', SwingSetConfig>>,
  script: Script,
  deviceEndowments: DeviceEndowments = {},
  allowances: Allowances = {},
): Promise<number> => {
  const { theirs: theirConfig, ours: ourConfig } =
    'ours' in given ? given : { theirs: given, ours: given };
  const prepare = (config: SwingSetConfig) =>
    withBundles({ ...config, defaultManagerType: 'xsnap' });
  await originalKernelBundles();
  const original = await startOriginal({ config: await prepare(theirConfig), deviceEndowments });
  const theirs = await play(original, script, allowances);
  await original.close();
  const ours = await play(
    await startLife({ config: await prepare(ourConfig), deviceEndowments }),
    script,
    allowances,
  );
  if (!allowances.learntOnly) expectSame(ours.entries, theirs.entries);
  expect(ours.learnt).to.equal(theirs.learnt);
  return theirs.entries.length;
};
