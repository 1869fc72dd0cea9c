/**
 * Checks configurations and options against `schemas`. Each problem names the field's path and the
 * value. The keyword `expected` of our schemas describes a rule in words when its type or enum does
 * not.
 */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { quoteValue } from '../errors.js';
import { schemaPath } from '../package-paths.js';
import { BadOptionsError } from './errors.js';
import type { OptionProblem } from './errors.js';
import { nearestName } from './nearest-name.js';

export type SchemaName =
  | 'bundle'
  | 'device'
  | 'initialization-options'
  | 'initialization-powers'
  | 'runtime-options'
  | 'swingset-config'
  | 'vat-creation-options'
  | 'vat-parameter-rules'
  | 'worker';

const schemaNames: readonly SchemaName[] = [
  'bundle',
  'device',
  'initialization-options',
  'initialization-powers',
  'runtime-options',
  'swingset-config',
  'vat-creation-options',
  'vat-parameter-rules',
  'worker',
];

const makeAjv = (): Ajv => {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    strictRequired: false,
    strictTypes: false,
  });
  ajv.addKeyword({ keyword: 'expected', schemaType: 'string' });
  // JSON Schema can't describe functions, which options bags hold.
  ajv.addKeyword({
    keyword: 'typeof',
    schemaType: 'string',
    validate: (wanted: string, value: unknown) => typeof value === wanted,
    errors: false,
  });
  for (const name of schemaNames) {
    const file = `${name}.schema.json`;
    ajv.addSchema(JSON.parse(readFileSync(schemaPath(file), 'utf8')) as object);
  }
  return ajv;
};

let sharedAjv: Ajv | undefined;

const validatorOf = (name: SchemaName): ValidateFunction => {
  sharedAjv ??= makeAjv();
  const found = sharedAjv.getSchema(`${name}.schema.json`);
  if (!found) throw Error(`no schema ${name}`);
  return found;
};

type AnnotatedSchema = Readonly<Record<string, unknown>> & { readonly expected?: string };

const typeNames: Readonly<Record<string, string>> = {
  array: 'an array',
  boolean: 'a boolean',
  integer: 'an integer',
  number: 'a number',
  object: 'an object',
  string: 'a string',
};

const quoteList = (values: readonly unknown[]): string => values.map(quoteValue).join(', ');

const describeExpected = (error: ErrorObject): string => {
  const schema = error.parentSchema as AnnotatedSchema;
  if (schema.expected !== undefined) return schema.expected;
  if (error.keyword === 'typeof') return `a ${String(error.schema)}`;
  if (error.keyword === 'enum') return `one of ${quoteList(error.schema as readonly unknown[])}`;
  if (error.keyword === 'type') {
    const wanted = [error.schema as string | readonly string[]].flat();
    return wanted.map(type => typeNames[type] ?? type).join(' or ');
  }
  return error.message ?? error.keyword;
};

/** `/vats/my~1vat/x` under `config` is `config.vats["my/vat"].x`. */
const fieldPath = (base: string, instancePath: string, more?: string): string => {
  const names = instancePath
    .split('/')
    .slice(1)
    .map(name => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (more !== undefined) names.push(more);
  return names.reduce(
    (path, name) => path + (/^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${quoteValue(name)}]`),
    base,
  );
};

const problem = (
  field: string,
  value: unknown,
  expected: string,
  message = `${field}: expected ${expected}, got ${quoteValue(value)}`,
): OptionProblem => ({ field, value, expected, message });

const unknownField = (base: string, error: ErrorObject): OptionProblem => {
  const name = (error.params as { additionalProperty: string }).additionalProperty;
  const value = (error.data as Readonly<Record<string, unknown>>)[name];
  const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {});
  const near = nearestName(name, known);
  const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`;
  const field = fieldPath(base, error.instancePath, name);
  return problem(field, value, 'no such field', `${field}: unknown field; ${hint}`);
};

/** The alternatives of a `oneOf` that lists required fields. */
const givenAlternatives = (error: ErrorObject): readonly string[] | undefined => {
  if (error.keyword !== 'oneOf') return undefined;
  const names = (error.schema as { required?: string[] }[]).flatMap(one => one.required ?? []);
  return names.filter(name => Object.hasOwn(error.data as object, name));
};

const toProblem = (base: string, error: ErrorObject): OptionProblem => {
  if (error.keyword === 'additionalProperties') return unknownField(base, error);
  const field = fieldPath(base, error.instancePath);
  if (error.keyword === 'required') {
    const name = (error.params as { missingProperty: string }).missingProperty;
    const missing = fieldPath(base, error.instancePath, name);
    return problem(missing, undefined, 'a value', `${missing}: is missing`);
  }
  const expected = describeExpected(error);
  const given = givenAlternatives(error);
  if (given) {
    const got = given.length === 0 ? 'none' : given.join(', ');
    return problem(field, error.data, expected, `${field}: expected ${expected}, got ${got}`);
  }
  return problem(field, error.data, expected);
};

/** Drops errors inside the branches of a choice: the error of the choice says more. */
const withoutBranches = (errors: readonly ErrorObject[]): readonly ErrorObject[] => {
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  return errors.filter(
    error =>
      error.keyword !== 'if' &&
      !choices.some(
        choice =>
          choice !== error &&
          choice.instancePath === error.instancePath &&
          error.schemaPath.startsWith(`${choice.schemaPath}/`),
      ),
  );
};

/** All problems of `value`; `base` is its name in messages, for example `config`. */
export const findProblems = (
  schema: SchemaName,
  value: unknown,
  base: string,
): readonly OptionProblem[] => {
  const validate = validatorOf(schema);
  if (validate(value)) return [];
  return withoutBranches(validate.errors ?? []).map(error => toProblem(base, error));
};

/** @throws BadOptionsError that lists all problems of `value`. */
export const assertValid = (schema: SchemaName, value: unknown, base: string): void =>
  throwProblems(findProblems(schema, value, base));

/** Names of the fields that an object's schema allows. */
export const knownFields = (schema: SchemaName): readonly string[] => {
  const { schema: rule } = validatorOf(schema);
  return Object.keys((rule as { properties?: object }).properties ?? {});
};

/** @throws BadOptionsError that lists the problems, if there are any. */
export const throwProblems = (problems: readonly OptionProblem[]): void => {
  const [first, ...others] = problems;
  if (first) throw new BadOptionsError([first, ...others]);
};
