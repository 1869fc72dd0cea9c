/** The chain's parameters: their defaults, and changes of them. */
import { checkFields } from '../../controller/validate.js';
import type { ChainParams, GivenParams } from '../chain-params.js';

const DEFAULTS: ChainParams = {
  blockComputrons: 65_000_000,
  cleanupDeletions: 200,
  drainComputrons: 6_500_000_000,
  restarts: { vats: 1 },
  maxQueueLength: 1_000,
  maxQueuePerSender: 50,
  maxTxBytes: 1_048_576,
  maxProposalLength: 500_000,
  maxActionValues: 5_000,
  maxUploads: 10,
  maxUploadBytes: 20_000_000,
  uploadBlocks: 1_000,
  maxResults: 10_000,
  maxPendingResults: 1_000,
  maxResultLength: 10_000,
};

/** @throws BadOptionsError that lists unknown fields and bad values */
export const insistParams = (given: unknown, field: string): GivenParams => {
  checkFields('chain-params', given, field, { strict: true });
  return given as GivenParams;
};

export const withDefaults = (given: GivenParams): ChainParams => ({ ...DEFAULTS, ...given });
