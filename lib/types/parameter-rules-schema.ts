/** The file of `--vat-parameters`. See `lib/types/option-schema.ts`. */
import Type from 'typebox';
import type { Static } from 'typebox';
import { optionsBag } from './option-schema.js';

const value = Type.Unsafe<unknown>({ $ref: '#/definitions/value' });

/** JSON, and objects with one field for what JSON has no words for. */
const valueDefinition = {
  anyOf: [
    { type: ['null', 'boolean', 'number', 'string'] },
    Type.Array(value),
    {
      type: 'object',
      propertyNames: { not: { pattern: '^@' } },
      additionalProperties: value,
    },
    Type.Object(
      {
        '@kref': Type.String({ pattern: '^k[opd][0-9]+$' }),
        iface: Type.Optional(Type.String()),
      },
      optionsBag,
    ),
    Type.Object({ '@bigint': Type.String({ pattern: '^-?[0-9]{1,1000}$' }) }, optionsBag),
    Type.Object({ '@undefined': Type.Literal(true) }, optionsBag),
  ],
  expected: 'JSON, with references as { "@kref": "ko42" } and bigints as { "@bigint": "12" }',
};

const parameterRule = Type.Object(
  {
    /**
     * Static vats of this name; `*` stands for any characters. Dynamic vats never match, because
     * others choose their names.
     */
    name: Type.Optional(
      Type.String({ minLength: 1, expected: 'the name of static vats, such as vat-* or bank' }),
    ),
    /** One vat. */
    vatID: Type.Optional(Type.String({ pattern: '^v[0-9]+$', expected: 'a vatID, such as v7' })),
    /** All vats that run this bundle, static or dynamic. */
    bundleID: Type.Optional(
      Type.String({
        pattern: '^b[0-9]+-[0-9a-f]+$',
        expected: 'a bundleID, such as swingset-kernel params prints it',
      }),
    ),
    /** Fields and their new values. */
    set: Type.Optional(
      Type.Unsafe<Readonly<Record<string, unknown>>>({
        type: 'object',
        additionalProperties: value,
      }),
    ),
    /** Fields to leave out. */
    drop: Type.Optional(
      Type.Unsafe<readonly string[]>({ type: 'array', items: { type: 'string' } }),
    ),
  },
  {
    ...optionsBag,
    minProperties: 2,
    oneOf: ['name', 'vatID', 'bundleID'].map(name => ({ required: [name] })),
    expected: 'exactly one of name, vatID and bundleID, with set or drop',
  },
);

export interface ParameterRule extends Readonly<Static<typeof parameterRule>> {}

export const parameterRules = Type.Object(
  {
    /** For editors: the path or address of this schema. */
    $schema: Type.Optional(Type.String()),
    /** All rules that match a vat apply, in order, to the fields that it has retained. */
    rules: Type.Unsafe<readonly ParameterRule[]>(Type.Array(parameterRule)),
  },
  {
    $id: 'vat-parameter-rules.schema.json',
    title: 'Rules for swingset-kernel --vat-parameters',
    ...optionsBag,
    definitions: { value: valueDefinition },
  },
);

export interface ParameterRulesFile extends Static<typeof parameterRules> {}
