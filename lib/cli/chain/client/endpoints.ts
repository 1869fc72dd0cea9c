/** Several endpoints of one chain: the one that answered last is asked first. */
import { EndpointError } from '../errors.js';
import type { EngineStatus, RpcClient } from './rpc-client.js';

export interface Endpoints {
  readonly count: number;
  /**
   * Asks one endpoint after the other, until one answers.
   * @throws EndpointError of the first one if none does; any other error at once
   */
  readonly ask: <T>(request: (client: RpcClient) => Promise<T>) => Promise<T>;
  /** Starts with the next endpoint from now on. */
  readonly rotate: () => void;
  /** Notes a height that the chain has reached. */
  readonly note: (height: bigint) => void;
  /** Whether a node is behind what any of them has answered. */
  readonly isBehind: (node: Pick<EngineStatus, 'height' | 'catchingUp'>) => boolean;
}

export const makeEndpoints = (clients: readonly RpcClient[]): Endpoints => {
  let first = 0;
  let highest = 0n;
  return {
    count: clients.length,
    ask: async request => {
      const problems: EndpointError[] = [];
      for (let tried = 0; tried < clients.length; tried += 1) {
        const index = (first + tried) % clients.length;
        try {
          const answer = await request(clients[index] as RpcClient);
          first = index;
          return answer;
        } catch (error) {
          if (!(error instanceof EndpointError)) throw error;
          problems.push(error);
        }
      }
      throw problems[0] ?? new EndpointError('(none)', 'ask', 'no endpoint was given');
    },
    rotate: () => {
      first = (first + 1) % Math.max(1, clients.length);
    },
    note: height => {
      if (height > highest) highest = height;
    },
    isBehind: ({ height, catchingUp }) => catchingUp || height < highest,
  };
};
