import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';
import { schemaPath } from '../../lib/package-paths.js';

/** Asks the compiler what the fields of the option types are, and compares with the schemas. */

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly typeof?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const readSchema = (file: string): Schema =>
  JSON.parse(readFileSync(schemaPath(file), 'utf8')) as Schema;

const follow = (ref: string, from: string): readonly [Schema, string] => {
  const [file = '', pointer = ''] = ref.split('#');
  const inFile = file === '' ? from : file;
  const name = pointer.split('/').at(-1) ?? '';
  const whole = readSchema(inFile);
  const found = name === '' ? whole : whole.definitions?.[name];
  if (!found) throw Error(`no ${ref}`);
  return [found, inFile];
};

/** The kinds of values that a schema lets through: `string`, `"never"`, `function`, … */
const kindsOfSchema = (schema: Schema, file: string): readonly string[] => {
  if (schema.$ref !== undefined) return kindsOfSchema(...follow(schema.$ref, file));
  if (schema.anyOf) return schema.anyOf.flatMap(one => kindsOfSchema(one, file));
  if (schema.enum) return schema.enum.map(value => JSON.stringify(value));
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  if (schema.typeof !== undefined) return [schema.typeof];
  if (schema.type === undefined) return ['anything'];
  return [schema.type].flat().map(type => (type === 'integer' ? 'number' : type));
};

const libFile = (path: string) => fileURLToPath(new URL(`../../lib/${path}`, import.meta.url));
const files = {
  config: libFile('controller/config-types.ts'),
  options: libFile('controller/option-types.ts'),
  epoch: libFile('platform-epoch/types.ts'),
};

const pairs: readonly (readonly [schema: string, file: keyof typeof files, type: string])[] = [
  ['swingset-config.schema.json', 'config', 'SwingSetConfig'],
  ['swingset-config.schema.json#/definitions/vat', 'config', 'StaticVatSpec'],
  ['swingset-config.schema.json#/definitions/bundle', 'config', 'BundleSpec'],
  ['vat-creation-options.schema.json', 'config', 'StaticVatOptions'],
  ['device.schema.json', 'config', 'DeviceSpec'],
  ['runtime-options.schema.json', 'options', 'SwingsetRuntimeOptions'],
  ['worker.schema.json', 'options', 'LocalWarehousePolicy'],
  ['initialization-options.schema.json', 'options', 'InitializationOptions'],
  ['initialization-powers.schema.json', 'options', 'InitializationPowers'],
  ['runtime-options.schema.json#/definitions/platformRestart', 'epoch', 'PlatformRestartOptions'],
];

describe('schemas and types of options', () => {
  let program: ts.Program;
  let checker: ts.TypeChecker;

  before(() => {
    program = ts.createProgram(Object.values(files), {
      strict: true,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      skipLibCheck: true,
      types: ['node'],
    });
    checker = program.getTypeChecker();
  });

  const kindsOfType = (type: ts.Type): readonly string[] => {
    if (type.isUnion()) return type.types.flatMap(kindsOfType);
    if (type.flags & (ts.TypeFlags.Unknown | ts.TypeFlags.Any)) return ['anything'];
    if (type.flags & ts.TypeFlags.Undefined) return [];
    if (type.flags & ts.TypeFlags.BooleanLiteral) return [checker.typeToString(type)];
    if (type.isStringLiteral()) return [JSON.stringify(type.value)];
    if (type.flags & ts.TypeFlags.String) return ['string'];
    if (type.flags & ts.TypeFlags.Number) return ['number'];
    if (type.getCallSignatures().length > 0) return ['function'];
    return checker.isArrayLikeType(type) ? ['array'] : ['object'];
  };

  /** `true | false` is what the compiler makes of boolean. */
  const normalize = (kinds: readonly string[]): readonly string[] => {
    const set = new Set(kinds);
    if (set.has('true') && set.has('false')) {
      set.delete('true');
      set.delete('false');
      set.add('boolean');
    }
    return [...set].sort();
  };

  const fieldsOfType = (fileName: string, typeName: string) => {
    const source = program.getSourceFile(fileName);
    const module = source && checker.getSymbolAtLocation(source);
    const symbol = module && checker.getExportsOfModule(module).find(one => one.name === typeName);
    if (!source || !symbol) throw Error(`no type ${typeName}`);
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    return Object.fromEntries(
      type
        .getProperties()
        .map(field => [
          field.name,
          normalize(kindsOfType(checker.getTypeOfSymbolAtLocation(field, source))),
        ]),
    );
  };

  for (const [ref, file, typeName] of pairs) {
    it(`agree on ${typeName}`, () => {
      const [schema, schemaFile] = follow(ref, ref);
      const { $schema: _forEditors, ...properties } = schema.properties ?? {};
      const fields = Object.entries(properties).map(([name, field]) => [
        name,
        normalize(kindsOfSchema(field, schemaFile)),
      ]);
      expect(Object.fromEntries(fields)).to.deep.equal(fieldsOfType(files[file], typeName));
      expect(schema.required ?? []).to.deep.equal([]);
    });
  }
});
