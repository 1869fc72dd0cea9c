// @ts-check
const MAX_LENGTH = 300;

/**
 * The beginning of a text that a caller chose, for an error. The text may be as long as a message may
 * be. An error that quotes all of it is longer, and a vat that answers with too much ends.
 *
 * @param {string} text
 */
export const brief = text => (text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text);
harden(brief);

/** More than honest names have. The kernel's limit for a key of the vatstore ends a vat. */
const MAX_NAME_LENGTH = 1000;

/**
 * Tells whether a name that a caller chose may be part of a key of the vatstore.
 *
 * @param {string} name
 */
export const isShortName = name => name.length <= MAX_NAME_LENGTH;
harden(isShortName);
