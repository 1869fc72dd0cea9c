/**
 * Checks the compartment map of an archive and the modules that it names: the shapes that the
 * compartment mapper and `ses` expect, and that each module's bytes are what its `parser` says.
 *
 * Invariant: the result follows from the bytes alone, and so does each word of an error, which
 * becomes state when a vat can't start. No JavaScript parser of the host takes part, because another
 * version of Node.js would accept other programs. Its texts about JSON differ as well, and so does
 * the depth at which it has no JSON for a value.
 */
import { createHash } from 'node:crypto';
import { quoteValue } from '../errors.js';
import { BadArchiveError } from './errors.js';

export const MAP_FILE = 'compartment-map.json';

type Fields = Readonly<Record<string, unknown>>;
type IsGood = (value: unknown) => boolean;

/** What a field must be. The text completes "must be". */
type Rule = readonly [isGood: IsGood, expected: string];

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText: IsGood = value => typeof value === 'string';
const optional =
  (isGood: IsGood): IsGood =>
  value =>
    value === undefined || isGood(value);
const listOf =
  (isGood: IsGood): IsGood =>
  value =>
    Array.isArray(value) && value.every(isGood);

const text: Rule = [isText, 'a string'];
const optionalFlag: Rule = [optional(value => typeof value === 'boolean'), 'true or false'];
const record: Rule = [isRecord, 'a record'];
const optionalRecord: Rule = [optional(isRecord), 'a record'];
const texts: Rule = [listOf(isText), 'a list of strings'];
const optionalTexts: Rule = [optional(listOf(isText)), 'a list of strings'];

const shown = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  return isRecord(value) ? 'a record' : quoteValue(value);
};

/** Stops at values that are not records, and at fields that break their rule or have none. */
const checkFields = (
  entry: string,
  at: string,
  value: unknown,
  rules: Readonly<Record<string, Rule>>,
  others: 'refuse others' | 'allow others' = 'refuse others',
): Fields => {
  if (!isRecord(value)) {
    throw new BadArchiveError(entry, `${at} must be a record, not ${shown(value)}`);
  }
  const where = at === '' ? '' : `${at}.`;
  for (const [field, [isGood, expected]] of Object.entries(rules)) {
    if (isGood(value[field])) continue;
    const found = shown(value[field]);
    throw new BadArchiveError(entry, `${where}${field} must be ${expected}, not ${found}`);
  }
  if (others === 'allow others') return value;
  const extra = Object.keys(value).find(field => !Object.hasOwn(rules, field));
  if (extra === undefined) return value;
  throw new BadArchiveError(entry, `${where}${extra} is not a field that it may have`);
};

const decodeJSON = (entry: string, bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new BadArchiveError(entry, 'is not JSON in UTF-8', { cause: error });
  }
};

const mapRules = { tags: optionalTexts, entry: record, compartments: record };
const entryRules = { compartment: text, module: text };
const compartmentRules = {
  location: text,
  name: text,
  label: text,
  parsers: optionalRecord,
  types: optionalRecord,
  scopes: optionalRecord,
  policy: optionalRecord,
  modules: record,
};
const fileRules = { location: text, parser: text, sha512: text };
const linkRules = { compartment: text, module: text, retained: optionalFlag };

/** The rules for a module: its own file, one of another compartment, or one that fails. */
const moduleRulesFor = (module: unknown): Readonly<Record<string, Rule>> => {
  if (!isRecord(module)) return {};
  if ('compartment' in module || 'module' in module) return linkRules;
  if ('location' in module || 'parser' in module) return fileRules;
  return 'exit' in module ? { exit: text } : { deferredError: text };
};

/** A module with a file of its own. */
export interface ModuleFile {
  /** Of the compartment. */
  readonly packageName: string;
  readonly specifier: string;
  readonly path: string;
  readonly parser: string;
  readonly sha512: string;
}

/** Checks a compartment map. Returns the modules that have files. */
export const readCompartmentMap = (bytes: Uint8Array): readonly ModuleFile[] => {
  const check = (at: string, value: unknown, rules: Readonly<Record<string, Rule>>): Fields =>
    checkFields(MAP_FILE, at, value, rules);
  const { entry, compartments } = check('', decodeJSON(MAP_FILE, bytes), mapRules);
  check('entry', entry, entryRules);
  return Object.entries(compartments as Fields).flatMap(([key, compartment]) => {
    const at = `compartments[${JSON.stringify(key)}]`;
    const { location, name, modules } = check(at, compartment, compartmentRules);
    if (location !== key) {
      const found = quoteValue(location);
      throw new BadArchiveError(MAP_FILE, `${at}.location must equal its key, not ${found}`);
    }
    return Object.entries(modules as Fields).flatMap(([specifier, module]): ModuleFile[] => {
      const rules = moduleRulesFor(module);
      const fields = check(`${at}.modules[${JSON.stringify(specifier)}]`, module, rules);
      if (rules !== fileRules) return [];
      return [
        {
          packageName: String(name),
          specifier,
          path: `${key}/${String(fields.location)}`,
          parser: String(fields.parser),
          sha512: String(fields.sha512),
        },
      ];
    });
  });
};

/**
 * The source of a functor, as bundlers write it. Text that begins with a parenthesis does not begin
 * with a block, which in parentheses would be an object. So if XS accepts it both alone and in
 * parentheses, it is one expression: an evaluator that wraps functors may rely on that.
 */
const functor: Rule = [
  value => typeof value === 'string' && value.startsWith('('),
  'a function in parentheses',
];

const preMjsRules = {
  imports: texts,
  exports: texts,
  reexports: optionalTexts,
  __syncModuleProgram__: functor,
  __fixedExportMap__: optionalRecord,
  __liveExportMap__: optionalRecord,
  __reexportMap__: optionalRecord,
  __needsImport__: optionalFlag,
  __needsImportMeta__: optionalFlag,
};
const preCjsRules = { source: functor, imports: texts, exports: texts, reexports: optionalTexts };

const acceptAnyBytes = (): void => {};

/** The formats that the worker's loader knows, which are those of `importBundle`. */
const formatChecks = new Map<string, (path: string, bytes: Uint8Array) => void>([
  [
    'pre-mjs-json',
    (path, bytes) => {
      checkFields(path, '', decodeJSON(path, bytes), preMjsRules, 'allow others');
    },
  ],
  [
    'pre-cjs-json',
    (path, bytes) => {
      checkFields(path, '', decodeJSON(path, bytes), preCjsRules, 'allow others');
    },
  ],
  [
    'json',
    (path, bytes) => {
      decodeJSON(path, bytes);
    },
  ],
  ['text', acceptAnyBytes],
  ['bytes', acceptAnyBytes],
]);

/** Checks a module's bytes against its hash and its format. */
export const checkModule = ({ path, parser, sha512 }: ModuleFile, bytes: Uint8Array): void => {
  const actual = createHash('sha512').update(bytes).digest('hex');
  if (actual !== sha512) {
    throw new BadArchiveError(path, `has SHA-512 ${actual}, but the map says ${sha512}`);
  }
  const checkFormat = formatChecks.get(parser);
  if (!checkFormat) {
    const known = [...formatChecks.keys()].join(', ');
    throw new BadArchiveError(path, `has the parser ${quoteValue(parser)}; known are ${known}`);
  }
  checkFormat(path, bytes);
};
