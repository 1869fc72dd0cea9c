/**
 * Fields of options bags and configurations that their reader does not know. Hosts hand one object
 * to several readers, and newer hosts pass options that older kernels lack. Such a field is
 * therefore a warning, and an error only for a host that asks for `strict` (issue 12).
 *
 * Invariants
 * 1. A misspelt option that decides about a restart is always an error, because it costs an epoch.
 * 2. Each field of an object is reported once, however many readers the object has.
 */
import { BadOptionError } from './errors.js';
import { nearestName } from './nearest-name.js';
import { printable } from './printable.js';

/** Where warnings go: a console, or a part of one. */
export type WarningSink = Pick<Console, 'warn'>;

export interface UnknownFieldsOptions {
  /** Unknown fields are errors. */
  readonly strict?: boolean | undefined;
  /** Default: the console of the process. */
  readonly console?: WarningSink | undefined;
}

/** They decide whether and how vats restart. */
const GUARDED: readonly string[] = ['platformEpoch', 'platformRestart', 'platformGuard'];

/** More than a slip of the fingers is another name, for example of a later version's option. */
const SLIPS = 2;

/** Is it `platformEpoch`, `platformRestart` or `platformGuard`, misspelt? */
export const isMisspeltGuard = (name: string): boolean =>
  !GUARDED.includes(name) && nearestName(name, GUARDED, SLIPS) !== undefined;

/** One line about an unknown field, with the nearest known name. */
export const describeUnknownField = (
  field: string,
  name: string,
  known: readonly string[],
): string => {
  const near = nearestName(name, known);
  const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`;
  return `${field}: unknown field; ${hint}`;
};

const reported = new WeakMap<object, Set<string>>();

/** @param warning - A line about `field`, which is in `object` or below it. */
export const warnOfField = (
  object: object,
  field: string,
  warning: string,
  { console = globalThis.console }: Pick<UnknownFieldsOptions, 'console'> = {},
): void => {
  const fields = reported.get(object) ?? new Set();
  reported.set(object, fields);
  if (fields.has(field)) return;
  fields.add(field);
  try {
    console.warn(printable(warning));
  } catch {
    // A console that fails must not stop a boot (lib/controller/outlets.ts).
  }
};

/** The fields of a bag that have a value and are not `known`. */
const unknownFields = (
  options: object,
  known: readonly string[],
): readonly (readonly [name: string, value: unknown])[] =>
  Object.entries(options).filter(([name, value]) => value !== undefined && !known.includes(name));

export interface BagOptions extends UnknownFieldsOptions {
  /** The bag's name in messages. The paths of fields begin with it. */
  readonly name?: string;
  /** What each warning is reported once for. Default: the bag, which may be new with each call. */
  readonly origin?: object;
}

/**
 * Warns of the fields of an options bag that are not `known`.
 * @throws BadOptionError for the first one if `strict`, and for misspelt guards
 */
export const checkKnownFields = (
  options: object,
  known: readonly string[],
  { name = 'options', strict = false, console, origin = options }: BagOptions = {},
): void => {
  const unknown = unknownFields(options, known);
  for (const [field, value] of unknown) {
    if (!strict && !isMisspeltGuard(field)) continue;
    throw new BadOptionError(`${name}.${field}`, value, `one of ${known.join(', ')}`);
  }
  for (const [field] of unknown) {
    const path = `${name}.${field}`;
    warnOfField(origin, path, describeUnknownField(path, field, known), { console });
  }
};

/** Refuses all fields that are not `known`, for functions that SwingSet does not have. */
export const insistKnownFields = (options: object, known: readonly string[]): void =>
  checkKnownFields(options, known, { strict: true });
