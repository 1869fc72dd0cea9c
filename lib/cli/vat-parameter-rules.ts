/**
 * The file of `--vat-parameters`: rules that change fields of the parameters that vats have retained
 * (issue 10, section 2; `schemas/vat-parameter-rules.schema.json`).
 *
 * Invariant: no rule matches the name of a dynamic vat. Vats choose the names of vats that they make,
 * so a dynamic vat could capture parameters meant for another vat by taking its name.
 */
import { readFileSync } from 'node:fs';
import { errorText } from '../errors.js';
import { MAX_JSON_DEPTH } from '../controller/json-copy.js';
import { findProblems } from '../controller/validate.js';
import { isDeeperThan } from '../kernel/delivery/capdata-limits.js';
import { fieldsOf, readParameterValue } from '../kernel/facets/parameter-notation.js';
import type { VatForParameters, VatParametersFunction } from '../platform-epoch/types.js';
import type { KRef } from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import type { ParameterRule, ParameterRulesFile } from '../types/parameter-rules-schema.js';
import { UsageError } from './usage-error.js';

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

const describeRule = ({ name, vatID, bundleID }: ParameterRule): string => {
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
        throw new UsageError(
          `the parameters of ${vat.vatID} are no record of fields, so rules can't change them: pass platformRestart.vatParameters in code`,
        );
      }
      return fitting.reduce(applyRule, fields);
    },
    unused: () =>
      asked
        ? rules
            .filter(rule => !used.has(rule))
            .map(rule => `--vat-parameters: no live vat fits the rule for ${describeRule(rule)}`)
        : [],
  };
};

/** @throws UsageError when the file can't be read or holds no rules */
export const readParameterRules = (path: string): ParameterRules => {
  let text: string;
  let content: unknown;
  try {
    text = readFileSync(path, 'utf8');
    content = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--vat-parameters: ${errorText(error)}`);
  }
  if (isDeeperThan(text, MAX_JSON_DEPTH)) {
    throw new UsageError(
      `${path}: expected values at most ${MAX_JSON_DEPTH} levels deep; vats can't be given deeper ones`,
    );
  }
  const problems = findProblems('vat-parameter-rules', content, path);
  if (problems.length > 0) {
    throw new UsageError(problems.map(({ message }) => message).join('\n'));
  }
  return compileRules((content as ParameterRulesFile).rules);
};
