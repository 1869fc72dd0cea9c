/**
 * Opens the chain of one node: the whole of the block host behind the interface that engines use
 * (`types.ts`).
 */
import { closeInTurn } from '../close-in-turn.js';
import { ChainNode } from './chain-node.js';
import { openStateSync, type StateSync } from './state-sync.js';
import { OK, refusalOf, resultOfRefusal, type Refusal } from './codes.js';
import { heightOf, nextHeightOf } from './committed-view.js';
import { insistOptions, type BlockHostOptions } from './local-options.js';
import { fillBlock, refuseBlock } from './proposals.js';
import { answerQuery } from './queries/query.js';
import type { BlockHost, ChainInfo, CheckResult } from './types.js';

const refusedCheck = (refusal: Refusal): CheckResult => ({
  ...resultOfRefusal(refusal),
  priority: 0n,
  sender: '',
});

const nothing = new Uint8Array();

/**
 * Opens the chain in a home, or an empty one that waits for `init` or a snapshot.
 *
 * @throws TooEarlyError, WrongSoftwareError, PlatformEpochRegressionError when this software may
 *   not execute the next block
 * @throws BadOptionError, and what opening the store and booting the kernel throw
 */
export const openBlockHost = async (given: BlockHostOptions): Promise<BlockHost> => {
  const options = insistOptions(given);
  const node = new ChainNode(options);
  await node.start();
  const openSync = async (): Promise<StateSync> => {
    try {
      return openStateSync(node, options);
    } catch (error) {
      await node.close();
      throw error;
    }
  };
  const sync = await openSync();

  let closing: Promise<void> | undefined;
  const info = (): ChainInfo => {
    const { view } = node;
    if (!view) {
      return { height: 0, appHash: nothing, appVersion: 1n, platformEpoch: undefined };
    }
    return {
      height: heightOf(view),
      appHash: view.lastBlock.result.appHash,
      appVersion: view.appVersion,
      platformEpoch: view.ledger.at(-1)?.epoch,
    };
  };
  const check = (tx: Uint8Array): CheckResult => {
    const { view } = node;
    if (!view) return refusedCheck(refusalOf('notReady', 'there is no chain yet'));
    const verdict = node.checks(view).admitBytes(tx);
    if (verdict.kind === 'refused') return refusedCheck(verdict.refusal);
    const { priority, sender } = verdict.tx;
    return { code: OK, log: '', data: nothing, priority: priority ? 1n : 0n, sender };
  };

  return {
    info,
    init: request => node.exclusively('init', async () => ({ appHash: await node.init(request) })),
    check: tx => check(tx),
    prepare: (txs, limits) => {
      const { view } = node;
      return view ? fillBlock(txs, limits, node.admissionContext(view)) : [];
    },
    refuse: (txs, limits) => {
      const { view } = node;
      // Without the state before that block there is nothing to judge by.
      if (!view || limits.height !== nextHeightOf(view)) return undefined;
      return refuseBlock(txs, limits, node.admissionContext(view));
    },
    executeBlock: block => node.exclusively('executeBlock', () => node.execute(block)),
    commit: () =>
      node.exclusively('commit', async () => {
        await node.commit();
        const { retainBlocks = 0 } = options;
        const { lastBlock } = node.requireView('commit');
        const { height } = lastBlock;
        sync.afterCommit(height, lastBlock.time);
        return { retainHeight: retainBlocks === 0 ? 0 : Math.max(0, height - retainBlocks + 1) };
      }),
    query: query => answerQuery(node.view, query),
    listSnapshots: sync.list,
    load: sync.load,
    offer: (snapshot, appHash) => node.exclusively('offer', () => sync.offer(snapshot, appHash)),
    apply: (chunk, bytes, sender) =>
      node.exclusively('apply', () => sync.apply(chunk, bytes, sender)),
    close: () => (closing ??= closeInTurn([() => sync.close(), () => node.close()])),
  };
};
