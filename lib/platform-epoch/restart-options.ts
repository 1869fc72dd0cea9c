/** How vats restart when the epoch advances: `platformRestart`. See `lib/types/option-schema.ts`. */
import Type from 'typebox';
import type { Static } from 'typebox';
import { functionOf, names, optionsBag } from '../types/option-schema.js';
import type { PlatformRestartProgress, VatParametersFunction } from './types.js';

export const platformRestart = Type.Object(
  {
    /**
     * `eager` (default) restarts all vats at the boot, `lazy` each vat with its first delivery.
     * `rolling` is like `lazy`, and starts some of the vats that still sleep after each run.
     */
    mode: Type.Optional(Type.Enum(['eager', 'lazy', 'rolling'])),
    /** How many vats start at once; default 1. */
    concurrency: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, expected: 'a positive integer up to 1000' }),
    ),
    /** False refuses an advance before any write; default true. */
    allow: Type.Optional(Type.Boolean()),
    /**
     * True refuses an advance while events are queued, unless it resumes or supersedes a restart
     * that did not finish. Not for chains: every replica would halt.
     */
    requireEmptyQueue: Type.Optional(Type.Boolean()),
    /** Names or vatIDs of vats that keep their incarnation. */
    exempt: Type.Optional(names()),
    /**
     * What vats start with instead of the parameters that they have retained: a record by vatID, or
     * a function. References are `kslot`s; `{ body, slots }` counts as marshalled already.
     */
    vatParameters: Type.Optional(
      Type.Unsafe<Readonly<Record<string, unknown>> | VatParametersFunction>({
        anyOf: [{ type: 'object' }, { typeof: 'function' }],
        expected: 'a record by vatID, or a function',
      }),
    ),
    /**
     * The engine assumed for vats whose record names none, as in a store made by SwingSet:
     * `installed`, or an engine as the ledger names it. Default: none is assumed.
     */
    assumeEngine: Type.Optional(Type.String({ minLength: 1, expected: 'installed or an engine' })),
    /** What becomes of a vat that can't start; default `suspend`. */
    onVatFailure: Type.Optional(Type.Enum(['suspend', 'panic', 'terminate'])),
    /** Called between vats, so that a solo host can commit. */
    checkpoint: Type.Optional(functionOf<() => Promise<void>>()),
    /** Called for each step of the restart. What it throws stops the boot. */
    onRestartProgress: Type.Optional(functionOf<(progress: PlatformRestartProgress) => void>()),
  },
  optionsBag,
);

export interface PlatformRestartOptions extends Readonly<Static<typeof platformRestart>> {}
