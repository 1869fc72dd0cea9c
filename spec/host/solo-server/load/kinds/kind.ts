/** What the load is made of: kinds of requests, and what the server may answer to each. */
import type { Random } from '../../../../support/random.js';
import type { HttpClient } from '../http-client.js';
import type { Sends } from '../sends.js';
import type { RawClient } from '../../raw-client.js';

export interface Tools {
  readonly random: Random;
  readonly token: string;
  /** Keeps connections, and shows the token. */
  readonly known: HttpClient;
  /** Shows no token. */
  readonly stranger: HttpClient;
  readonly sends: Sends;
  /** A connection of its own, which ends with the run at the latest. */
  readonly open: () => RawClient;
  /** Aborts when the run ends. */
  readonly over: AbortSignal;
}

/** The server closed the connection and said nothing. */
export const CLOSED = 'closed';

/** The connection was still open when the run ended. */
export const OPEN = 'open';

export interface Kind {
  readonly name: string;
  /** How many of 1,000 requests, on average. */
  readonly share: number;
  /** How many requests it sends at once. Default 1. */
  readonly requests?: number;
  /** What the server promises for it. At least one must come in a run. */
  readonly promised: readonly string[];
  /** What else may come. */
  readonly allowed?: readonly string[];
  /** It goes on until the server ends its connection, or the run ends. */
  readonly isHeld?: boolean;
  readonly perform: (tools: Tools) => Promise<string>;
}
