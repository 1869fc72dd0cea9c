/**
 * Options of SwingSet that have no effect on this kernel. It accepts them, so that a host moves
 * without edits, and says so in a line each (docs/differences.md).
 */
import { warnOfField } from '../unknown-fields.js';
import type { WarningSink } from '../unknown-fields.js';
import type { InitializationPowers, SwingsetRuntimeOptions } from './option-types.js';

const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);

const REASONS = {
  bundleHandler: 'vats run on the installed platform, and platformEpoch names a new one',
  xsnapBundleData: 'vats run on the installed platform, and platformEpoch names a new one',
  overrideVatManagerOptions: "replicas must agree, so a vat's options are in the store alone",
  profileVats: 'neither worker type has a profiler of one vat',
  debugVats: 'neither worker type has a debugger of one vat',
} as const;

const VARIABLES = {
  XSNAP_DEBUG: 'there is one xsnap binary',
  XSNAP_TEST_RECORD: 'workers are not recorded; slogSender gets what they do',
} as const;

/** Warns of each option that is given and has no effect. */
export const warnOfInertOptions = (
  options: SwingsetRuntimeOptions & InitializationPowers,
  base: string,
  { origin, console }: { readonly origin: object; readonly console: WarningSink | undefined },
): void => {
  const warn = (field: string, reason: string) =>
    warnOfField(origin, field, `${field}: has no effect: ${reason}`, { console });
  for (const [name, reason] of Object.entries(REASONS)) {
    const value = options[name as keyof typeof REASONS];
    // The functions of a bundle handler may be methods of a class, so it counts if it is there.
    const isGiven = name === 'bundleHandler' ? value !== undefined : !isEmpty(value);
    if (isGiven) warn(`${base}.${name}`, reason);
  }
  for (const [name, reason] of Object.entries(VARIABLES)) {
    if (options.env?.[name]) warn(`${base}.env.${name}`, reason);
  }
};
