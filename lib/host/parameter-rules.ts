/**
 * Rules that change fields of the parameters that vats have retained (issue 10, section 2): of the
 * command line's `--vat-parameters`, and of a chain's upgrade plans.
 *
 * Invariant: no rule matches the name of a dynamic vat. Vats choose the names of vats that they make,
 * so a dynamic vat could capture parameters meant for another vat by taking its name.
 */
import { BadOptionError } from '../errors.js';
import { fieldsOf, readParameterValue } from '../kernel/facets/parameter-notation.js';
import type { VatForParameters, VatParametersFunction } from '../platform-epoch/types.js';
import type { KRef } from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import type { ParameterRule } from '../types/parameter-rules-schema.js';

export interface ParameterRules {
  /** `platformRestart.vatParameters`. */
  readonly vatParameters: VatParametersFunction;
  /** After `vatParameters` was called: one sentence for each rule that matched no live vat. */
  readonly unused: () => readonly string[];
}

const makeMatcher = ({ name, vatID, bundleID }: ParameterRule) => {
  if (vatID !== undefined) return (vat: VatForParameters) => vat.vatID === vatID;
  if (bundleID !== undefined) return (vat: VatForParameters) => vat.bundleID === bundleID;
  const literal = (name ?? '').split('*').map(part => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  const pattern = new RegExp(`^${literal.join('.*')}$`, 'su');
  return (vat: VatForParameters) =>
    vat.isStatic && vat.name !== undefined && pattern.test(vat.name);
};

/** The vats that the rule is for. */
export const describeRule = ({ name, vatID, bundleID }: ParameterRule): string => {
  if (vatID !== undefined) return vatID;
  return bundleID ?? `static vats named ${JSON.stringify(name)}`;
};

const applyRule = (
  fields: Readonly<Record<string, unknown>>,
  { set = {}, drop = [] }: ParameterRule,
): Readonly<Record<string, unknown>> => {
  const kept = Object.entries(fields).filter(([field]) => !drop.includes(field));
  const added = Object.entries(set).map(([field, value]) => [field, readParameterValue(value)]);
  return Object.fromEntries([...kept, ...added]) as Readonly<Record<string, unknown>>;
};

/** All rules that match a vat apply to it, in their order. */
export const compileRules = (rules: readonly ParameterRule[]): ParameterRules => {
  const compiled = rules.map(rule => ({ rule, fits: makeMatcher(rule) }));
  const used = new Set<ParameterRule>();
  let asked = false;
  return {
    vatParameters: vat => {
      asked = true;
      const fitting = compiled.filter(({ fits }) => fits(vat)).map(({ rule }) => rule);
      if (fitting.length === 0) return undefined;
      for (const rule of fitting) used.add(rule);
      const fields = fieldsOf(vat.retained as CapData<KRef> | undefined);
      if (!fields) {
        const expected = 'parameters that are a record of fields';
        const message = `the parameters of ${vat.vatID} are no record of fields, so rules can't change them: pass platformRestart.vatParameters in code`;
        throw new BadOptionError(`rules for ${vat.vatID}`, vat.retained, expected, { message });
      }
      return fitting.reduce(applyRule, fields);
    },
    unused: () =>
      asked
        ? rules
            .filter(rule => !used.has(rule))
            .map(rule => `no live vat fits the rule for ${describeRule(rule)}`)
        : [],
  };
};
