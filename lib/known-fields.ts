/** Refuses options bags with unknown fields, so that no misspelt option is ignored. */
import { BadOptionError } from './errors.js';

/** @throws BadOptionError that names the first field that is not `known` */
export const insistKnownFields = (
  options: object,
  known: readonly string[],
  name = 'options',
): void => {
  for (const [field, value] of Object.entries(options)) {
    if (known.includes(field)) continue;
    throw new BadOptionError(`${name}.${field}`, value, `one of ${known.join(', ')}`);
  }
};
