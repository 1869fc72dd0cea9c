/**
 * The texts of `schemas/*.json`, made from the TypeBox schemas of `lib`. Descriptions are the doc
 * comments of the fields, which TypeBox can't see: the compiler reads them.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import type { TSchema } from 'typebox';
import ts from 'typescript';
import { chainNode } from '../lib/cli/chain/home/node-config-schema.js';
import * as config from '../lib/controller/config-types.js';
import * as options from '../lib/controller/option-types.js';
import { chainGenesis } from '../lib/host/block-host/genesis-types.js';
import { chainParams } from '../lib/host/chain-params.js';
import { chainTransaction } from '../lib/host/transactions/action-types.js';
import { parameterRules } from '../lib/types/parameter-rules-schema.js';

const sources = [
  '../lib/types/parameter-rules-schema.ts',
  '../lib/cli/chain/home/node-config-schema.ts',
  '../lib/controller/config-types.ts',
  '../lib/controller/option-types.ts',
  '../lib/controller/slog-callback-types.ts',
  '../lib/host/block-host/genesis-types.ts',
  '../lib/host/chain-params.ts',
  '../lib/host/transactions/action-types.ts',
  '../lib/platform-epoch/platform-options.ts',
  '../lib/platform-epoch/restart-options.ts',
].map(path => fileURLToPath(new URL(path, import.meta.url)));

const schemas: Readonly<Record<string, TSchema>> = {
  bundleSchema: config.bundleSchema,
  chainGenesis,
  chainParams,
  chainTransaction,
  chainNode,
  device: config.device,
  initializationOptions: options.initializationOptions,
  initializationPowers: options.initializationPowers,
  parameterRules,
  runtimeOptions: options.runtimeOptions,
  swingsetConfig: config.swingsetConfig,
  vatCreationOptions: config.vatCreationOptions,
  warehousePolicy: options.warehousePolicy,
};

interface JsonSchema {
  $id?: string;
  title?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  additionalProperties?: JsonSchema | false;
  /** By the name of the constant that each comes from. */
  definitions?: Record<string, JsonSchema>;
}

/** Initializers of the modules' constants, by name. */
const readConstants = (): ReadonlyMap<string, ts.Expression> => {
  const found = new Map<string, ts.Expression>();
  for (const path of sources) {
    const text = readFileSync(path, 'utf8');
    for (const statement of ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
      .statements) {
      if (!ts.isVariableStatement(statement)) continue;
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (ts.isIdentifier(name) && initializer) found.set(name.text, initializer);
      }
    }
  }
  return found;
};

const constants = readConstants();

/** The object literal whose fields an expression describes: `Type.Optional(Type.Object({ … }))`. */
const findFields = (node: ts.Expression): ts.ObjectLiteralExpression | undefined => {
  if (ts.isObjectLiteralExpression(node)) return node;
  if (ts.isIdentifier(node)) {
    const initializer = constants.get(node.text);
    return initializer && findFields(initializer);
  }
  if (!ts.isCallExpression(node)) return undefined;
  const callee = node.expression.getText();
  const [first] = node.arguments;
  if (
    !first ||
    (callee === 'Type.Unsafe' && !ts.isIdentifier(first) && !ts.isCallExpression(first))
  )
    return undefined;
  return findFields(first);
};

const textOfComment = (node: ts.Node): string | undefined => {
  const [comment] = ts.getJSDocCommentsAndTags(node);
  const text = comment && ts.getTextOfJSDocComment(comment.comment);
  return text?.replaceAll(/\s+/g, ' ').replaceAll('`', '').replace(/\.$/, '');
};

/** Gives each field of the schema the text of its doc comment, in nested objects as well. */
const describeFields = (given: JsonSchema, node: ts.Expression): void => {
  const schema = [given, given.items, given.additionalProperties || undefined].find(
    each => each?.properties,
  );
  const fields = findFields(node);
  if (!schema?.properties || !fields) return;
  for (const member of fields.properties) {
    if (ts.isSpreadAssignment(member)) describeFields(schema, member.expression);
    if (!ts.isPropertyAssignment(member)) continue;
    const field = schema.properties[(member.name as ts.Identifier).text];
    if (!field) continue;
    const description = textOfComment(member);
    if (description !== undefined) field.description ??= description;
    describeFields(field, member.initializer);
  }
};

/** By file name, formatted. */
export const renderSchemas = async (): Promise<ReadonlyMap<string, string>> => {
  const texts = new Map<string, string>();
  for (const [name, schema] of Object.entries(schemas)) {
    const plain = JSON.parse(JSON.stringify(schema)) as JsonSchema;
    const source = constants.get(name);
    if (source) describeFields(plain, source);
    for (const [constant, definition] of Object.entries(plain.definitions ?? {})) {
      const node = constants.get(constant);
      if (node) describeFields(definition, node);
    }
    const { $id = name, title, ...rest } = plain;
    const whole = { $schema: 'http://json-schema.org/draft-07/schema#', $id, title, ...rest };
    texts.set(
      $id,
      await prettier.format(JSON.stringify(whole), { parser: 'json', printWidth: 100 }),
    );
  }
  return texts;
};
