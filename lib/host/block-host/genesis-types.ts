/**
 * The genesis of a chain (`app_state`). The types and `schemas/chain-*.schema.json` both come from
 * here. See `lib/types/option-schema.ts`.
 */
import Type from 'typebox';
import type { Static } from 'typebox';
import type { SwingSetConfig } from '../../controller/config-types.js';
import { platformOptions } from '../../platform-epoch/platform-options.js';
import type { Bundle } from '../../store/types.js';
import { epochName } from '../../types/option-schema.js';
import type { GivenParams } from '../chain-params.js';

const exact = { additionalProperties: false };

const role = Type.Enum(['install', 'propose', 'upgrade', 'validators', 'priority', 'bridge']);

/** What an account may do, beside sending messages. */
export type Role = Static<typeof role>;

const bundle = Type.Unsafe<Bundle>({ $ref: 'bundle.schema.json' });

const systemBundles = Type.Object(
  {
    adminVat: bundle,
    comms: bundle,
    vattp: bundle,
    timer: bundle,
    /** The chain vat. */
    chain: bundle,
    /** The vat of each proposal. */
    proposal: bundle,
    timerDevice: bundle,
    mailboxDevice: bundle,
    bridgeDevice: bundle,
  },
  exact,
);

/** Code of the vats and devices that every chain has. */
export interface SystemBundles extends Readonly<Static<typeof systemBundles>> {}

export const chainGenesis = Type.Object(
  {
    /** The platform epoch that the chain begins with. */
    platformEpoch: epochName(),
    ...platformOptions,
    /** The swingset. Its code is in it: `bundle` or `bundleName`, and no paths. */
    config: Type.Unsafe<SwingSetConfig>({ $ref: 'swingset-config.schema.json' }),
    /** `vatParameters.argv` of the bootstrap vat. */
    argv: Type.Optional(Type.Unsafe<readonly unknown[]>({ type: 'array' })),
    /** Code of the vats and devices that every chain has. */
    systemBundles: Type.Unsafe<SystemBundles>(systemBundles),
    /** Limits and budgets. */
    params: Type.Optional(Type.Unsafe<GivenParams>({ $ref: 'chain-params.schema.json' })),
    /** What accounts may do, by address. */
    roles: Type.Optional(
      Type.Unsafe<Readonly<Record<string, readonly Role[]>>>({
        type: 'object',
        propertyNames: { pattern: '^swing1[0-9a-f]{40}$' },
        additionalProperties: Type.Array(role),
        expected: 'a record by address: swing1 and 40 hexadecimal digits',
      }),
    ),
  },
  {
    $id: 'chain-genesis.schema.json',
    title: 'The genesis of a chain: app_state',
    ...exact,
  },
);

export interface ChainGenesis extends Readonly<Static<typeof chainGenesis>> {}
