/** Reads the file of `--vat-parameters` (issue 10, section 2; `schemas/vat-parameter-rules.schema.json`). */
import { readFileSync } from 'node:fs';
import { errorText } from '../errors.js';
import { MAX_JSON_DEPTH } from '../controller/json-copy.js';
import { findProblems } from '../controller/validate.js';
import { compileRules, type ParameterRules } from '../host/parameter-rules.js';
import { isDeeperThan } from '../kernel/delivery/capdata-limits.js';
import type { ParameterRulesFile } from '../types/parameter-rules-schema.js';
import { UsageError } from './usage-error.js';

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
