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
import { describeUnknownField, isMisspeltGuard, warnOfField } from '../unknown-fields.js';
import type { UnknownFieldsOptions } from '../unknown-fields.js';

export type SchemaName =
  | 'bundle'
  | 'chain-genesis'
  | 'chain-params'
  | 'chain-transaction'
  | 'chain-node'
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
  'chain-genesis',
  'chain-params',
  'chain-transaction',
  'chain-node',
  'device',
  'initialization-options',
  'initialization-powers',
  'runtime-options',
  'swingset-config',
  'vat-creation-options',
  'vat-parameter-rules',
  'worker',
];

const makeAjv = (allErrors: boolean): Ajv => {
  const ajv = new Ajv({
    allErrors,
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

/** One that finds all errors, and one that stops at the first. */
const shared: { all?: Ajv; first?: Ajv } = {};

const validatorOf = (name: SchemaName, wanted: 'all' | 'first' = 'all'): ValidateFunction => {
  const ajv = (shared[wanted] ??= makeAjv(wanted === 'all'));
  const found = ajv.getSchema(`${name}.schema.json`);
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

const namesIn = (instancePath: string): string[] =>
  instancePath
    .split('/')
    .slice(1)
    .map(name => name.replaceAll('~1', '/').replaceAll('~0', '~'));

const stepOf = (name: string): string => {
  if (/^[A-Za-z_$][\w$]*$/.test(name)) return `.${name}`;
  return `[${/^\d+$/.test(name) ? name : quoteValue(name)}]`;
};

/** `/vats/my~1vat/x/0` under `config` is `config.vats["my/vat"].x[0]`. */
const fieldPath = (base: string, instancePath: string, more?: string): string => {
  const names = namesIn(instancePath);
  if (more !== undefined) names.push(more);
  return names.reduce((path, name) => path + stepOf(name), base);
};

const problem = (
  field: string,
  value: unknown,
  expected: string,
  message = `${field}: expected ${expected}, got ${quoteValue(value)}`,
): OptionProblem => ({ field, value, expected, message });

/** Where an option belongs that somebody passed to another place. */
const homes: readonly (readonly [SchemaName, string])[] = [
  ['runtime-options', 'an option of makeSwingsetController'],
  ['initialization-options', 'an option of initializeSwingset'],
  ['swingset-config', 'a field of configurations'],
];

const homeOf = (name: string): string | undefined =>
  homes.find(([schema]) => knownFields(schema).includes(name))?.[1];

interface UnknownField {
  readonly name: string;
  /** Names on the way to the object that has it. */
  readonly parents: readonly string[];
}

const unknownFieldIn = (error: ErrorObject): UnknownField | undefined =>
  error.keyword === 'additionalProperties'
    ? {
        name: (error.params as { additionalProperty: string }).additionalProperty,
        parents: namesIn(error.instancePath),
      }
    : undefined;

const unknownFieldProblem = (
  base: string,
  error: ErrorObject,
  { name, parents }: UnknownField,
): OptionProblem => {
  const value = (error.data as Readonly<Record<string, unknown>>)[name];
  const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {});
  const field = fieldPath(base, error.instancePath, name);
  const home = parents.length === 0 ? homeOf(name) : undefined;
  const message =
    home === undefined
      ? describeUnknownField(field, name, known)
      : `${field}: unknown field; it is ${home}`;
  return problem(field, value, 'no such field', message);
};

/** The alternatives of a `oneOf` that lists required fields. */
const givenAlternatives = (error: ErrorObject): readonly string[] | undefined => {
  if (error.keyword !== 'oneOf') return undefined;
  const names = (error.schema as { required?: string[] }[]).flatMap(one => one.required ?? []);
  return names.filter(name => Object.hasOwn(error.data as object, name));
};

const toProblem = (base: string, error: ErrorObject): OptionProblem => {
  const unknown = unknownFieldIn(error);
  if (unknown) return unknownFieldProblem(base, error, unknown);
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

interface Finding {
  readonly problem: OptionProblem;
  /** For a field that the schema does not know. */
  readonly unknown: UnknownField | undefined;
}

const isUndefined = ({ problem: { value }, unknown }: Finding): boolean =>
  unknown !== undefined && value === undefined;

const findAll = (schema: SchemaName, value: unknown, base: string): readonly Finding[] => {
  const validate = validatorOf(schema);
  if (validate(value)) return [];
  return withoutBranches(validate.errors ?? [])
    .map(error => ({ problem: toProblem(base, error), unknown: unknownFieldIn(error) }))
    .filter(finding => !isUndefined(finding));
};

/**
 * All problems of `value`, unknown fields among them.
 * @param base - The name of `value` in messages, for example `config`.
 */
export const findProblems = (
  schema: SchemaName,
  value: unknown,
  base: string,
): readonly OptionProblem[] => findAll(schema, value, base).map(({ problem }) => problem);

/**
 * The first problem of foreign data, if there is any. Takes no longer for data with many problems.
 * @param base - The name of `value` in the message.
 */
export const findFirstProblem = (
  schema: SchemaName,
  value: unknown,
  base: string,
): OptionProblem | undefined => {
  const validate = validatorOf(schema, 'first');
  if (validate(value)) return undefined;
  const [error] = withoutBranches(validate.errors ?? []);
  return error && toProblem(base, error);
};

/** An unknown field of `platformRestart`, or a misspelt option that decides about a restart. */
const costsAnEpoch = ({ name, parents }: UnknownField): boolean =>
  parents.at(-1) === 'platformRestart' || isMisspeltGuard(name);

export interface FieldCheckOptions extends UnknownFieldsOptions {
  /** The object that the host passed, if `value` is a part of it. Each of its fields warns once. */
  readonly origin?: object;
  /** Top-level fields of other readers of the same object. */
  readonly others?: readonly string[];
  /** Begins each message, for example with the name of a file. */
  readonly prefix?: string;
}

/**
 * Checks a configuration or an options bag. Warns of unknown fields.
 *
 * @throws BadOptionsError that lists all other problems, and with `strict` unknown fields as well
 */
export const checkFields = (
  schema: SchemaName,
  value: unknown,
  base: string,
  { strict = false, console, origin, others = [], prefix = '' }: FieldCheckOptions = {},
): void => {
  const findings = findAll(schema, value, base)
    .filter(({ unknown }) => unknown?.parents.length !== 0 || !others.includes(unknown.name))
    .map(({ problem, unknown }) => ({
      problem: { ...problem, message: `${prefix}${problem.message}` },
      isWarning: unknown !== undefined && !strict && !costsAnEpoch(unknown),
    }));
  throwProblems(findings.filter(({ isWarning }) => !isWarning).map(({ problem }) => problem));
  for (const { problem } of findings) {
    const { field, message } = problem;
    warnOfField(origin ?? (value as object), field, message, { console });
  }
};

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
