/**
 * Collects the parameters that vats restart with instead of their retained ones (issue 10, section
 * 2).
 *
 * Boundary: asks the host before the first write, and writes nothing. The first crank of the
 * restart retains the parameters, so that a resumed restart and late starts find them in the tables
 * and never ask the host again.
 */
import { BadOptionError, errorText } from '../errors.js';
import type { LiveVat, PlanParts } from './live-vats.js';
import { findExcess } from '../kernel/delivery/capdata-limits.js';
import { kser } from '../kernel/delivery/kmarshal.js';
import { isMentionable } from '../kernel/delivery/mentionable.js';
import { outlivesWorkers } from '../kernel/vats/incarnation.js';
import { isUnborn } from '../kernel/vats/unborn.js';
import type { KernelState } from '../state/kernel-state.js';
import { findFlaw } from '../types/readable-data.js';
import { compareIDs, isVatID, parseKRef, type KRef, type VatID } from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import type { PlatformRestartOptions } from './restart-options.js';
import type { VatParametersFunction } from './types.js';

export interface SettledParameters {
  /** The restart retains them when it begins. */
  readonly given: ReadonlyMap<VatID, CapData<KRef>>;
  /** What the host should know, a sentence each. */
  readonly warnings: readonly string[];
}

interface VatsOfRestart {
  readonly vats: readonly LiveVat[];
  readonly exempt: ReadonlySet<VatID>;
}

const FIELD = 'platformRestart.vatParameters';
const none: SettledParameters = { given: new Map(), warnings: [] };

const isCapData = (value: unknown): value is CapData<string> => {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false;
  const { body, slots } = value as Partial<CapData<string>>;
  return typeof body === 'string' && Array.isArray(slots);
};

/** Marshals a host's value, unless the host has marshalled it. @throws for what can't be passed */
const marshal = (value: unknown): CapData<KRef> => {
  if (!isCapData(value)) return kser(value);
  if (findFlaw(value) !== undefined) throw TypeError('not marshalled data');
  return { body: value.body, slots: value.slots.map(slot => parseKRef(slot)) };
};

const refuseValue = (vatID: VatID, value: unknown, expected: string) =>
  new BadOptionError(`${FIELD} for ${vatID}`, value, expected);

/** @throws BadOptionError that names the vat, for a value that can't be passed */
const readData = (vatID: VatID, value: unknown): CapData<KRef> => {
  try {
    return marshal(value);
  } catch {
    const expected = 'passable data, or { body, slots } that is marshalled already';
    throw refuseValue(vatID, value, expected);
  }
};

/** @throws BadOptionError that names the vat, for a value that can't be a vat's parameters */
const readValue = (state: KernelState, vatID: VatID, value: unknown): CapData<KRef> => {
  const refuse = (expected: string) => refuseValue(vatID, value, expected);
  const data = readData(vatID, value);
  const { limits } = state.settings;
  const excess = findExcess(data, limits);
  if (excess) {
    throw refuse(`no more than vats can take: ${excess.limit} ${limits[excess.limit]}`);
  }
  const missing = data.slots.find(kref => !state.exists(kref));
  if (missing !== undefined) throw refuse(`no reference to ${missing}, which does not exist`);
  // Its owner was told to drop it, and the owner's own restart may delete it.
  const dropped = data.slots.find(kref => !isMentionable(state, kref));
  if (dropped !== undefined)
    throw refuse(`no reference to ${dropped}, which nobody holds any more`);
  return data;
};

/** The entries in vatID order. */
const readRecord = (given: Readonly<Record<string, unknown>>): readonly [VatID, unknown][] =>
  Object.entries(given)
    .map(([key, value]): [VatID, unknown] => {
      if (!isVatID(key)) throw new BadOptionError(FIELD, key, 'a record by vatID, such as v7');
      return [key, value];
    })
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => compareIDs(a, b));

/** Asks the function about every live vat, in vatID order, even if the vat won't restart. */
const askFunction = (
  state: KernelState,
  vats: readonly LiveVat[],
  ask: VatParametersFunction,
): readonly [VatID, unknown][] => {
  const answers: [VatID, unknown][] = [];
  for (const { vatID, name, isStatic, bundleID, incarnation } of vats) {
    const retained = state.vats.getParameters(vatID);
    const copy = retained && { body: retained.body, slots: [...retained.slots] };
    let answer: unknown;
    try {
      answer = ask({ vatID, name, isStatic, bundleID, incarnation, retained: copy });
    } catch (error) {
      const problem = errorText(error);
      throw new BadOptionError(`${FIELD} for ${vatID}`, problem, 'a function that does not throw', {
        cause: error,
      });
    }
    if (answer !== undefined) answers.push([vatID, answer]);
  }
  return answers;
};

/** Why the vat can't take parameters; undefined if it can. */
const whyIgnored = (
  { lifecycle }: PlanParts,
  { vats, exempt }: VatsOfRestart,
  vatID: VatID,
): string | undefined => {
  if (!vats.some(vat => vat.vatID === vatID)) return 'which is no live vat';
  if (exempt.has(vatID)) return 'which is exempt and keeps its incarnation';
  if (isUnborn(lifecycle, vatID)) {
    return 'which has not started yet: its first incarnation gets the parameters that it was created with';
  }
  if (outlivesWorkers(lifecycle.state, vatID)) return 'which is started once and for all';
  return undefined;
};

/**
 * Parameters at an advance.
 *
 * @throws BadOptionError that names the vat and the value, for what can't be a vat's parameters
 */
export const settleParameters = (
  parts: PlanParts,
  restart: VatsOfRestart,
  { vatParameters }: PlatformRestartOptions,
): SettledParameters => {
  if (vatParameters === undefined) return none;
  const values =
    typeof vatParameters === 'function'
      ? askFunction(parts.lifecycle.state, restart.vats, vatParameters)
      : readRecord(vatParameters);
  const given = new Map<VatID, CapData<KRef>>();
  const warnings: string[] = [];
  for (const [vatID, value] of values) {
    const data = readValue(parts.lifecycle.state, vatID, value);
    const ignored = whyIgnored(parts, restart, vatID);
    if (ignored === undefined) given.set(vatID, data);
    else warnings.push(`${FIELD}: not used for ${vatID}, ${ignored}`);
  }
  return { given, warnings };
};

const isSame = (a: CapData<KRef>, b: CapData<KRef> | undefined): boolean =>
  a.body === b?.body && a.slots.join() === b.slots.join();

/**
 * Parameters at a resume. Those recorded when the restart began count, whatever is passed now. What
 * they refer to is not looked up: the restart itself may have ended what nobody holds for a vat that
 * takes none, and the same options must be good for the whole restart.
 *
 * @throws BadOptionError for a record of other things than parameters by vatID
 */
export const keepRecordedParameters = (
  parts: PlanParts,
  restart: VatsOfRestart,
  { vatParameters }: PlatformRestartOptions,
): SettledParameters => {
  if (vatParameters === undefined) return none;
  const recorded = 'the parameters that were recorded when the restart began count';
  if (typeof vatParameters === 'function') {
    return { ...none, warnings: [`${FIELD}: not called, because a restart goes on: ${recorded}`] };
  }
  const { vats } = parts.lifecycle.state;
  const others = readRecord(vatParameters)
    .filter(([vatID]) => whyIgnored(parts, restart, vatID) === undefined)
    .filter(([vatID, value]) => !isSame(readData(vatID, value), vats.getParameters(vatID)))
    .map(([vatID]) => vatID);
  if (others.length === 0) return none;
  const warning = `${FIELD}: not used for ${others.join(', ')}, because a restart goes on: ${recorded}`;
  return { ...none, warnings: [warning] };
};
