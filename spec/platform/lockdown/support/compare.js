// Compares two sets of source checks. Runs in Node and in workers.

/** `mandatoryTransforms` stops at an HTML comment, so the import check is compared by itself too. */
const CHECKS = [
  'mandatoryTransforms',
  'rejectImportExpressions',
  'rejectSomeDirectEvalExpressions',
];

const outcomeOf = (check, source) => {
  try {
    return { text: check(source) };
  } catch ({ name, message }) {
    return { refusal: `${name}: ${message}` };
  }
};

/**
 * @typedef {Record<string, (source: string) => string>} Transforms
 *
 * @typedef {object} Comparison
 * @property {number} refused - How many sources the first set's checks refused.
 * @property {string[]} differing - Sources of which the sets differ in a text or in an error.
 */

/**
 * @param {Transforms} left
 * @param {Transforms} right
 * @param {Iterable<string>} sources
 * @returns {Comparison}
 */
export const compareChecks = (left, right, sources) => {
  let refused = 0;
  const differing = [];
  for (const source of sources) {
    let isRefused = false;
    let isSame = true;
    for (const name of CHECKS) {
      const a = outcomeOf(left[name], source);
      const b = outcomeOf(right[name], source);
      isRefused ||= a.refusal !== undefined;
      isSame &&= a.refusal === b.refusal && a.text === b.text;
    }
    if (isRefused) refused += 1;
    if (!isSame) differing.push(source);
  }
  return { refused, differing };
};
