/**
 * Our third change to `ses`: modules that a platform image holds compiled (issue 15). It gives the
 * start compartment one power, `compileModuleAhead(source, globalObject)`. The supervisor takes that
 * off the global object before any vat runs.
 *
 * Invariants:
 * 1. A source is compiled ahead only if `ses` accepts it, and if it is one expression, so that the
 *    text around it stays around it.
 * 2. A compiled module is evaluated with the scope, `this`, arguments and strictness that an
 *    evaluator of `ses` would give it, and only if it has no lexical names.
 * 3. An evaluator makes a constant of each constant of the global object. Compiled code has those of
 *    the given global object that its source mentions. It serves compartments in which the source
 *    mentions the same ones.
 * 4. No two evaluations share an object. XS makes the object of a tagged template once for each
 *    place in compiled code, so code with a template is evaluated once, and then forgotten.
 */
import type { SourceEdit } from '../../bundling/source-edits.js';

export const COMPARTMENT_EVALUATE = 'node_modules/ses/src/compartment-evaluate.js';

/**
 * `isParsed` throws before anything of the text runs, because XS parses all of it first. If a text
 * parses within brackets and within parentheses, it closes neither. One that begins with a
 * parenthesis is no statement of another kind. So it is an expression in both, and as a program.
 *
 * The text around a module adds no line, because the console shows the lines of stacks. The call of
 * `eval`, which never runs, tells XS to look names up in the constants as `ses` does: without it,
 * `undefined` would not be one.
 */
const compileAhead = String.raw`
const compiledModules = new Map();

const isParsed = text => {
  try {
    FERAL_EVAL("'use strict';throw undefined;" + text);
  } catch (error) {
    return error === undefined;
  }
  return false;
};

const compileFactory = (source, constants) =>
  FERAL_EVAL(
    '(function(){with(this.scopeTerminator){with(this.globalObject){const{' +
      arrayJoin(constants, ',') +
      "}=this.globalObject;(function(){'use strict';eval();});" +
      "return function(){'use strict';return(" +
      source +
      '\n);}}}})',
  );

let lastConstants = { text: undefined };

const provideConstants = globalObject => {
  const text = listConstants(globalObject);
  if (lastConstants.text !== text) {
    const { globalObjectConstants } = getScopeConstants(globalObject);
    lastConstants = { text, names: stringSplit(text, ','), usable: globalObjectConstants };
  }
  return lastConstants;
};

const compileModuleAhead = (source, globalObject) => {
  const known = mapGet(compiledModules, source);
  if (known !== undefined && known.isReusable) return true;
  if (!stringStartsWith(source, '(') || stringIncludes(source, '\\u')) return false;
  const constants = provideConstants(globalObject);
  if (known !== undefined && known.constants !== constants) return true;
  try {
    rejectSomeDirectEvalExpressions(mandatoryTransforms(source));
    if (!isParsed('[' + source + '\n]')) return false;
    const isMentioned = name => stringIncludes(source, name);
    const factory = compileFactory(source, arrayFilter(constants.usable, isMentioned));
    if (known !== undefined) arrayPush(known.factories, factory);
    else {
      mapSet(compiledModules, source, {
        factories: [factory],
        isReusable: !stringIncludes(source, '\x60'),
        constants,
        mentioned: arrayFilter(constants.names, isMentioned),
      });
    }
  } catch (_error) {
    return false;
  }
  return true;
};

globalThis.compileModuleAhead = freeze(compileModuleAhead);

const compareConstants = (evaluator, constants) => {
  if (evaluator.compared !== constants) {
    const names = stringSplit(evaluator.constants, ',');
    evaluator.compared = constants;
    evaluator.missing = arrayFilter(constants.names, name => !arrayIncludes(names, name));
    evaluator.added = arrayFilter(names, name => !arrayIncludes(constants.names, name));
  }
  return evaluator;
};

const isFit = ({ constants, mentioned }, evaluator, source) => {
  if (constants.text === evaluator.constants) return true;
  const { missing, added } = compareConstants(evaluator, constants);
  return (
    !arraySome(missing, name => arrayIncludes(mentioned, name)) &&
    !arraySome(added, name => stringIncludes(source, name))
  );
};

const takeFactory = (source, evaluator) => {
  const known = mapGet(compiledModules, source);
  if (known === undefined || !isFit(known, evaluator, source)) return undefined;
  const { factories, isReusable } = known;
  if (isReusable) return factories[0];
  if (factories.length === 1) mapDelete(compiledModules, source);
  return arrayPop(factories);
};

`;

const useCompiled = `
  const hasOwnTransforms =
    localTransforms.length !== 1 || localTransforms[0] !== rejectSomeDirectEvalExpressions;
  const factory =
    moduleEvaluator !== undefined && !hasOwnTransforms
      ? takeFactory(source, moduleEvaluator)
      : undefined;
  if (factory !== undefined) {
    const { globalObject } = compartmentFields;
    const context = { scopeTerminator: strictScopeTerminator, globalObject };
    return apply(apply(factory, context, []), globalObject, [source]);
  }
`;

const EVALUATE = 'export const compartmentEvaluate = ';

const edit = (piece: string, from: string, to: string): SourceEdit => ({
  piece,
  module: COMPARTMENT_EVALUATE,
  from,
  to,
});

export const KNOWN_MODULE_EDITS: readonly SourceEdit[] = [
  edit(
    'the imports of known modules',
    '  TypeError,\n  arrayPush,\n',
    '  TypeError,\n  FERAL_EVAL,\n  Map,\n  apply,\n  arrayFilter,\n  arrayIncludes,\n  arrayPop,\n' +
      '  arrayPush,\n  arraySome,\n  freeze,\n  mapDelete,\n  mapGet,\n  mapSet,\n' +
      '  stringIncludes,\n  stringSplit,\n  stringStartsWith,\n',
  ),
  edit(
    'the import of source checks for known modules',
    '  evadeImportExpressionTest,\n  rejectSomeDirectEvalExpressions,\n}',
    '  evadeImportExpressionTest,\n  mandatoryTransforms,\n  rejectSomeDirectEvalExpressions,\n}',
  ),
  edit(
    'the imports of scopes for known modules',
    "import { makeSafeEvaluator } from './make-safe-evaluator.js';\n",
    "import { makeSafeEvaluator } from './make-safe-evaluator.js';\n" +
      "import { getScopeConstants } from './scope-constants.js';\n" +
      "import { strictScopeTerminator } from './strict-scope-terminator.js';\n",
  ),
  edit('the compiler of known modules', EVALUATE, compileAhead + EVALUATE),
  edit(
    'the evaluator of a module that may be known',
    '  const { safeEvaluate } = provideCompartmentEvaluator(\n',
    '  const { safeEvaluate, moduleEvaluator } = provideCompartmentEvaluator(\n',
  ),
  edit(
    'the use of known modules',
    '  return safeEvaluate(source, {\n',
    `${useCompiled}\n  return safeEvaluate(source, {\n`,
  ),
];
