/** Options of the solo server, their defaults and their checks. */
import { BadOptionError } from '../../errors.js';
import { insistFunctions } from '../../option-functions.js';
import { insistKnownFields } from '../../unknown-fields.js';
import type { SoloHostOptions } from '../solo-host.js';

/** Bounds on what clients can make the server do or keep. */
export interface SoloServerLimits {
  /** Bytes of a request for a message; default 1,000,000. */
  readonly maxMessageBytes: number;
  /** Bytes of a request with a bundle; default 10,000,000. */
  readonly maxBundleBytes: number;
  /**
   * Requests that wait for a block, and events in the kernel's queues, in all; as many requests may
   * wait for results besides. Default 1,000.
   */
  readonly maxWaiting: number;
  /** Bytes of the requests that wait for a block; default 64,000,000. */
  readonly maxWaitingBytes: number;
  /** Requests a second of clients with the token, and as many of others; default 5,000. */
  readonly maxRequestsPerSecond: number;
  /** Connections at once; default 256. One more ends the oldest that has not shown the token. */
  readonly maxConnections: number;
  /** Seconds in which a request's headers must arrive; default 5. */
  readonly headersSeconds: number;
  /** Seconds in which a whole request must arrive; default 30. */
  readonly requestSeconds: number;
  /** Results that are kept for clients, the newest; default 10,000. */
  readonly maxResults: number;
  /** Characters of a result's marshalled body; default 100,000. Of a longer one the length is kept. */
  readonly maxResultLength: number;
}

const DEFAULT_LIMITS: SoloServerLimits = {
  maxMessageBytes: 1_000_000,
  maxBundleBytes: 10_000_000,
  maxWaiting: 1_000,
  maxWaitingBytes: 64_000_000,
  maxRequestsPerSecond: 5_000,
  maxConnections: 256,
  headersSeconds: 5,
  requestSeconds: 30,
  maxResults: 10_000,
  maxResultLength: 100_000,
};

/** Told of each block after its commit. */
export interface SoloBlock {
  readonly height: number;
  readonly cranks: number;
  /** Results of messages that came in this block. */
  readonly resolved: readonly {
    readonly kpid: string;
    readonly status: 'fulfilled' | 'rejected';
  }[];
}

type BlockListener = (block: SoloBlock) => void | Promise<void>;

export interface SoloServerOptions extends Omit<SoloHostOptions, 'beforeCommit'> {
  /** On 127.0.0.1, and on ::1 if it is free there. 0, the default, picks a free one. */
  readonly port?: number;
  /** Seconds from one block to the next. Default 0: a request makes a block at once. */
  readonly blockInterval?: number;
  /**
   * Computrons that the cranks of a block may use; default 65,000,000. The last crank may exceed it.
   * A crank of unknown use, as of a local vat, counts 100,000.
   */
  readonly blockComputrons?: number;
  readonly limits?: Partial<SoloServerLimits>;
  /**
   * Stops the server when it aborts, as `stop` does. A boot under way ends at once and rejects with
   * the signal's reason.
   */
  readonly stopSignal?: AbortSignal;
  /**
   * Told of each block after its commit. What it throws, or rejects with, ends the server. Nobody
   * waits for its promise: it may wait for the server's next block.
   */
  readonly onBlock?: BlockListener;
}

/** Options of the server's own, with defaults filled in, and those of its solo host. */
export interface CheckedOptions {
  readonly port: number;
  readonly blockInterval: number;
  readonly blockComputrons: number;
  readonly limits: SoloServerLimits;
  readonly stopSignal: AbortSignal | undefined;
  readonly onBlock: BlockListener | undefined;
  readonly host: Omit<SoloHostOptions, 'beforeCommit'>;
}

const HIGHEST_PORT = 65_535;
/** The longest delay of a timer, in seconds. */
const LONGEST_INTERVAL = 2_147_483;

const insistWhole = (field: string, value: unknown, least: number, most: number): number => {
  if (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most) {
    return Number(value);
  }
  throw new BadOptionError(field, value, `a whole number from ${least} to ${most}`);
};

/** @throws BadOptionError for bad values. Unknown fields are left to `openSoloHost`. */
export const checkOptions = (options: SoloServerOptions): CheckedOptions => {
  const { port = 0, blockInterval = 0, blockComputrons = 65_000_000, ...rest } = options;
  const { limits: given = {}, stopSignal, onBlock, ...host } = rest;
  insistKnownFields(given, Object.keys(DEFAULT_LIMITS));
  insistFunctions(options, ['onBlock']);
  const isInterval = typeof blockInterval === 'number' && blockInterval >= 0;
  if (!isInterval || blockInterval > LONGEST_INTERVAL) {
    const expected = `seconds from 0 to ${LONGEST_INTERVAL}`;
    throw new BadOptionError('blockInterval', blockInterval, expected);
  }
  const limits = { ...DEFAULT_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    insistWhole(`limits.${name}`, value, 1, Number.MAX_SAFE_INTEGER);
  }
  const { headersSeconds, requestSeconds } = limits;
  if (headersSeconds > requestSeconds) {
    const expected = `at most limits.requestSeconds, ${requestSeconds}`;
    throw new BadOptionError('limits.headersSeconds', headersSeconds, expected);
  }
  return {
    port: insistWhole('port', port, 0, HIGHEST_PORT),
    blockInterval,
    blockComputrons: insistWhole('blockComputrons', blockComputrons, 1, Number.MAX_SAFE_INTEGER),
    limits,
    stopSignal,
    onBlock,
    host,
  };
};
