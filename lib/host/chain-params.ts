/**
 * Parameters of a chain, which its genesis, an upgrade plan and every block read. The types and
 * `schemas/chain-params.schema.json` both come from here. See `lib/types/option-schema.ts`.
 */
import Type from 'typebox';
import type { Static } from 'typebox';
import { count, countOrZero } from '../types/option-schema.js';

const exact = { additionalProperties: false };

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
