/** What the process that makes the load is told, and what it reports. */
import type { SendsReport } from './sends.js';

/** The outcome of a request that got no answer by the end, on a connection that stayed open. */
export const UNANSWERED = 'unanswered';

export interface LoadOrder {
  readonly port: number;
  readonly token: string;
  readonly seed: number;
  /** Requests in all. */
  readonly requests: number;
  /** Requests a second, whether the server keeps up or not. */
  readonly rate: number;
}

export interface Delay {
  readonly median: number;
  readonly p99: number;
  readonly most: number;
}

export interface BlocksReport {
  /** Blocks that the subscribers heard of, during the load. */
  readonly heard: number;
  /** In which parts of the load there were blocks: as many as there are tenths. */
  readonly tenths: readonly number[];
  /** Subscribers that missed a block, or were cut off. */
  readonly gaps: number;
  /** Milliseconds. */
  readonly longestPause: number;
}

export interface LoadReport {
  readonly sent: number;
  readonly seconds: number;
  /** By kind: how often each outcome came. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly sends: SendsReport;
  /** The total after all of it. */
  readonly total: number;
  readonly blocks: BlocksReport;
  /** Milliseconds from a request to its answer, by kind of work. */
  readonly delays: Readonly<Record<string, Delay>>;
  /** Connections open at once, at most, as the clients see it. */
  readonly mostOpen: number;
}
