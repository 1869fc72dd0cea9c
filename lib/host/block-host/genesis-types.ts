/**
 * The genesis of a chain (`app_state`). The types and `schemas/chain-*.schema.json` both come from
 * here. See `lib/types/option-schema.ts`.
 */
import Type from 'typebox';
import type { Static } from 'typebox';
import type { SwingSetConfig } from '../../controller/config-types.js';
import type { Bundle } from '../../store/types.js';
import { count } from '../../types/option-schema.js';

const exact = { additionalProperties: false };

const countOrZero = () =>
  Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    expected: 'an integer from 0 to 2^53-1',
  });

const restarts = Type.Object(
  {
    /** Sleeping vats that one block starts while a rolling restart is under way; default 1. */
    vats: Type.Optional(countOrZero()),
    /** No further vat starts in a block after so many computrons of starts; default no limit. */
    computrons: Type.Optional(countOrZero()),
  },
  exact,
);

/** All optional: a genesis and an upgrade plan may name some. */
export const chainParams = Type.Object(
  {
    /**
     * Computrons that the cranks of a block may use; default 65,000,000. The last crank may exceed
     * it. A crank of unknown use, as of a local vat, counts 100,000.
     */
    blockComputrons: Type.Optional(count()),
    /** Rows of terminated vats that one block deletes; default 200. */
    cleanupDeletions: Type.Optional(countOrZero()),
    /**
     * Computrons that the block before an upgrade may use to empty the run-queue, besides its usual
     * ones; default 6,500,000,000.
     */
    drainComputrons: Type.Optional(countOrZero()),
    /** Starts of sleeping vats in one block. */
    restarts: Type.Optional(restarts),
    /** Actions that may wait in all; default 1,000. */
    maxQueueLength: Type.Optional(count()),
    /** Actions of one sender that may wait; default 50. */
    maxQueuePerSender: Type.Optional(count()),
    /** Bytes of a transaction; default 1,048,576. */
    maxTxBytes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_048_576, expected: 'an integer from 1 to 1048576' }),
    ),
    /** Characters of a proposal's code; default 500,000. */
    maxProposalLength: Type.Optional(count()),
    /**
     * Values in an action's JSON: numbers, texts, lists, records and what is in them; default 5,000.
     * Vats take time for each, whatever their bytes.
     */
    maxActionValues: Type.Optional(count()),
    /** Bundles that may be under way in chunks; default 10. */
    maxUploads: Type.Optional(countOrZero()),
    /** Bytes of a bundle that arrives in chunks; default 20,000,000. */
    maxUploadBytes: Type.Optional(countOrZero()),
    /** Blocks after which an incomplete upload is deleted; default 1,000. */
    uploadBlocks: Type.Optional(count()),
    /** Results of actions that are kept for clients; default 10,000. */
    maxResults: Type.Optional(count()),
    /** Actions whose result may still come; older ones are forgotten. Default 1,000. */
    maxPendingResults: Type.Optional(count()),
    /** Characters of a result's JSON; default 10,000. A longer one is kept as a note. */
    maxResultLength: Type.Optional(count()),
  },
  {
    $id: 'chain-params.schema.json',
    title: 'Parameters of a chain',
    ...exact,
  },
);

export interface GivenParams extends Readonly<Static<typeof chainParams>> {}

/** All of them, with defaults filled in. */
export type ChainParams = Readonly<Required<GivenParams>>;

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
    platformEpoch: Type.String({
      pattern: '^[!-~]([ -~]{0,254}[!-~])?$',
      expected: 'a name of 1 to 256 printable ASCII characters',
    }),
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
