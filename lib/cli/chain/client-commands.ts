/** `chain status`: what a node says of itself, and whether it is well. */
import { existsSync, readFileSync } from 'node:fs';
import { queryChain } from './client/chain-client.js';
import type { EngineStatus } from './client/rpc-client.js';
import { makeEndpoints } from './client/endpoints.js';
import { makeRpcClient } from './client/rpc-client.js';
import type { StatusArgs } from './chain-args.js';
import { QueryRefusedError } from './errors.js';
import { openHome, readNodeConfig } from './home/make-home.js';
import { DEFAULT_STALL_SECONDS } from './supervisor/health.js';
import { nodesOf } from './tx.js';

export interface ChainStatus {
  readonly node: string;
  readonly engine: EngineStatus;
  readonly peers: number;
  /** Transactions that wait in the node's mempool. */
  readonly waiting: number;
  /** What the application answers to `/status`; undefined before the first block. */
  readonly chain: unknown;
  readonly secondsSinceBlock: number;
  /** The height has stood still for too long. */
  readonly isStalled: boolean;
  /** The upgrade that the node has halted for. */
  readonly halted?: unknown;
}

const stallSecondsOf = (home: string | undefined): number =>
  (home === undefined ? undefined : readNodeConfig(openHome(home)).stallSeconds) ??
  DEFAULT_STALL_SECONDS;

/**
 * @param now - Milliseconds since 1970.
 * @throws EndpointError when the node does not answer
 */
export const readStatus = async (args: StatusArgs, now: number): Promise<ChainStatus> => {
  const endpoints = makeEndpoints(nodesOf(args).map(node => makeRpcClient(node)));
  return endpoints.ask(async client => {
    const engine = await client.status();
    const one = makeEndpoints([client]);
    const chain = await queryChain(one, '/status').catch((error: unknown) => {
      if (error instanceof QueryRefusedError) return undefined;
      throw error;
    });
    const secondsSinceBlock = Math.max(0, Math.floor((now - Date.parse(engine.blockTime)) / 1000));
    return {
      node: client.endpoint,
      engine,
      peers: await client.peers(),
      waiting: await client.unconfirmedTxs(),
      chain: chain?.value,
      secondsSinceBlock,
      isStalled: secondsSinceBlock >= stallSecondsOf(args.home),
    };
  });
};

/** The upgrade that a node has halted for, if its home says so. */
export const readUpgradeInfo = (home: string | undefined): unknown => {
  if (home === undefined) return undefined;
  const { upgradeInfo } = openHome(home);
  return existsSync(upgradeInfo) ? JSON.parse(readFileSync(upgradeInfo, 'utf8')) : undefined;
};
