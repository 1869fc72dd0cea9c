/**
 * Our changes to `ses`. They save work that each module of each vat would cost. A program sees
 * nothing of them but the engine's count of sources without a name (issue 15). `known-modules` has
 * the third one.
 *
 * Invariants:
 * 1. A source is accepted or refused as `ses` does it, with the same text or the same error. The
 *    filter only answers "certainly not"; the expressions of `ses` decide about everything else.
 * 2. An evaluator is shared only between modules of one compartment to which it would have given
 *    the same scope.
 */
import type { SourceEdit } from '../../bundling/source-edits.js';
import { COMPARTMENT_EVALUATE, KNOWN_MODULE_EDITS } from './known-modules.js';

const TRANSFORMS = 'node_modules/ses/src/transforms.js';

/**
 * `ses` searches each source for HTML comments, `import` expressions and direct `eval`. In XS, a
 * search with a regular expression takes a step of bytecode for each character. `split` and
 * `includes` are one native call.
 *
 * Both words are a match only if white space and then `(` or `/` follow. So no match begins at a
 * word that another printable ASCII character follows, also after one space or line feed. Text that
 * ends after the word, or goes on with the word itself, is no match either. A longer look would cost
 * a step per character again, in time that XS does not meter.
 */
const sourceFilter = String.raw`
const isHarmless = char =>
  char === undefined || (char >= '!' && char <= '~' && char !== '(' && char !== '/');

const isClearOf = (src, word) => {
  const pieces = stringSplit(src, word);
  for (let i = 1; i < pieces.length; i += 1) {
    const piece = pieces[i];
    const next = piece[0];
    if (!isHarmless(next === ' ' || next === '\n' ? piece[1] : next)) return false;
  }
  return true;
};

const isClear = (src, pattern) => {
  if (pattern === htmlCommentPattern) {
    return !stringIncludes(src, '<' + '!--') && !stringIncludes(src, '--' + '>');
  }
  if (pattern === importPattern) return isClearOf(src, 'import');
  if (pattern === someDirectEvalPattern) return isClearOf(src, 'eval');
  return false;
};

`;

const SEARCH = `function getLineNumber(src, pattern) {
`;

/**
 * `ses` makes an evaluator for each module, although only live bindings make one unlike another.
 * An evaluator treats the constants of the global object as they were when it was made. A constant
 * stays one, so the list only grows, and that of a frozen object does not.
 */
const listConstants = `
const listConstants = object => {
  const names = getOwnPropertyNames(object);
  const constants = [];
  for (let i = 0; i < names.length; i += 1) {
    const { configurable, writable } = getOwnPropertyDescriptor(object, names[i]);
    if (configurable === false && writable === false) arrayPush(constants, names[i]);
  }
  return arrayJoin(constants, ',');
};

`;

const MAKE_EVALUATOR = `    ({ safeEvaluate } = makeSafeEvaluator({
      globalObject,
      moduleLexicals,
      globalTransforms,
      sloppyGlobalsMode,
    }));
`;

const shareEvaluator = `
    const isShareable =
      !sloppyGlobalsMode && moduleLexicals !== undefined && ownKeys(moduleLexicals).length === 0;
    const kept = isShareable ? compartmentFields.moduleEvaluator : undefined;
    if (kept !== undefined && (kept.isFinal || kept.constants === listConstants(globalObject))) {
      moduleEvaluator = kept;
      ({ safeEvaluate } = kept);
    } else {
${MAKE_EVALUATOR}
      if (isShareable) {
        const constants = listConstants(globalObject);
        moduleEvaluator = { safeEvaluate, constants, isFinal: isFrozen(globalObject) };
        compartmentFields.moduleEvaluator = moduleEvaluator;
      }
    }
`;

const PROVIDE = 'export const provideCompartmentEvaluator = ';

/** The source checks, prefiltered. */
export const SOURCE_CHECK_EDITS: readonly SourceEdit[] = [
  {
    piece: 'the import of `includes` for source checks',
    module: TRANSFORMS,
    from: '  stringSearch,\n',
    to: '  stringIncludes,\n  stringSearch,\n',
  },
  {
    piece: 'the filter before source checks',
    module: TRANSFORMS,
    from: SEARCH,
    to: `${sourceFilter}${SEARCH}  if (isClear(src, pattern)) return -1;\n`,
  },
];

const SHARED_EVALUATOR_EDITS: readonly SourceEdit[] = [
  {
    piece: 'the imports of shared evaluators',
    module: COMPARTMENT_EVALUATE,
    from: '  getOwnPropertyDescriptors,\n}',
    to:
      '  getOwnPropertyDescriptor,\n  getOwnPropertyDescriptors,\n' +
      '  getOwnPropertyNames,\n  ownKeys,\n  arrayJoin,\n  isFrozen,\n}',
  },
  {
    piece: 'the list of constants for shared evaluators',
    module: COMPARTMENT_EVALUATE,
    from: PROVIDE,
    to: listConstants + PROVIDE,
  },
  {
    piece: 'one evaluator for the modules of a compartment',
    module: COMPARTMENT_EVALUATE,
    from: MAKE_EVALUATOR,
    to: shareEvaluator,
  },
  {
    piece: 'the variable for the shared evaluator',
    module: COMPARTMENT_EVALUATE,
    from: '  let safeEvaluate;\n',
    to: '  let safeEvaluate;\n  let moduleEvaluator;\n',
  },
  {
    piece: 'the shared evaluator as a result',
    module: COMPARTMENT_EVALUATE,
    from: '  return { safeEvaluate };\n',
    to: '  return { safeEvaluate, moduleEvaluator };\n',
  },
];

export const LOCKDOWN_EDITS: readonly SourceEdit[] = [
  ...SOURCE_CHECK_EDITS,
  ...SHARED_EVALUATOR_EDITS,
  ...KNOWN_MODULE_EDITS,
];
