/** JSON files that operators write, and their mistakes. */
import { readFileSync } from 'node:fs';
import { errorText } from '../../../errors.js';
import { findProblems } from '../../../controller/validate.js';
import { UsageError } from '../../usage-error.js';

/**
 * @param what - begins the error: an option, or what the file is for
 * @throws UsageError when the file can't be read or is no JSON
 */
export const readJsonFile = (path: string, what: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (error) {
    throw new UsageError(`${what}: ${path}: ${errorText(error)}`);
  }
};

/** @throws UsageError that lists all problems */
export const insistSchema = (
  schema: Parameters<typeof findProblems>[0],
  value: unknown,
  base: string,
): void => {
  const problems = findProblems(schema, value, base);
  if (problems.length > 0) {
    throw new UsageError(problems.map(({ message }) => message).join('\n'));
  }
};
