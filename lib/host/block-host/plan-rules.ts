/**
 * The rules of an upgrade plan for the parameters of vats. They must fit the vats when the plan is
 * scheduled. Vats and objects may go until its height; what does not fit then is dropped, because a
 * refused restart would stop every node.
 *
 * Boundary: reads state and writes nothing.
 */
import { BadOptionError } from '../../errors.js';
import { findExcess } from '../../kernel/delivery/capdata-limits.js';
import { kser } from '../../kernel/delivery/kmarshal.js';
import { readParameterValue } from '../../kernel/facets/parameter-notation.js';
import type { VatForParameters, VatParametersFunction } from '../../platform-epoch/types.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { KRef, VatID } from '../../types/ids.js';
import type { ParameterRule } from '../../types/parameter-rules-schema.js';
import { compileRules, describeRule } from '../parameter-rules.js';

export interface DroppedRule {
  /** The vats that the rule is for, or the one vat that no rule is applied to. */
  readonly target: string;
  readonly problem: string;
}

const findMissing = (slots: readonly KRef[], state: KernelState): KRef | undefined =>
  slots.find(kref => !state.exists(kref));

/** Why a vat can't start with the parameters that the rules give it; undefined if it can. */
const problemWith = (
  vat: VatForParameters,
  vatParameters: VatParametersFunction,
  state: KernelState,
): string | undefined => {
  try {
    const value = vatParameters(vat);
    if (value === undefined) return undefined;
    const data = kser(value);
    const missing = findMissing(data.slots, state);
    if (missing !== undefined) {
      return `parameters of ${vat.vatID}: expected references to things that somebody still holds, got "${missing}"`;
    }
    const { limits } = state.settings;
    const excess = findExcess(data, limits);
    return (
      excess &&
      `parameters of ${vat.vatID}: expected no more than vats can take (${excess.limit} ${limits[excess.limit]}), got ${excess.what}`
    );
  } catch (error) {
    if (error instanceof BadOptionError) return error.message;
    throw error;
  }
};

const vatsOf = (state: KernelState): readonly VatForParameters[] => {
  const { vats } = state;
  const dynamic = new Set<VatID>(vats.dynamicIDs());
  return vats.allIDs().map(vatID => ({
    vatID,
    name: vats.getOptions(vatID).name,
    isStatic: !dynamic.has(vatID),
    bundleID: vats.getSource(vatID).bundleID,
    incarnation: 0,
    retained: vats.getParameters(vatID),
  }));
};

/** Why the rules do not fit the live vats; undefined if they do. */
export const problemOfRules = (
  rules: readonly ParameterRule[],
  state: KernelState,
): string | undefined => {
  const { vatParameters } = compileRules(rules);
  return vatsOf(state)
    .map(vat => problemWith(vat, vatParameters, state))
    .find(problem => problem !== undefined);
};

/** The rules that can be applied at the plan's height. `onDropped` hears of each other. */
export const rulesAtHeight = (
  rules: readonly ParameterRule[],
  state: KernelState,
  onDropped: (dropped: DroppedRule) => void,
): VatParametersFunction => {
  const kept = rules.filter(rule => {
    const missing = findMissing(kser(readParameterValue(rule.set ?? {})).slots, state);
    if (missing === undefined) return true;
    onDropped({ target: describeRule(rule), problem: `nobody holds ${missing} any more` });
    return false;
  });
  const { vatParameters } = compileRules(kept);
  return vat => {
    const problem = problemWith(vat, vatParameters, state);
    if (problem === undefined) return vatParameters(vat);
    onDropped({ target: vat.vatID, problem });
    return undefined;
  };
};
