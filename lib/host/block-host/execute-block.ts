/**
 * Executes one block in the store's open transaction.
 *
 * Order: what the kernel has left over; priority actions; the timer; ordinary actions. Each step
 * runs the kernel until nothing is left to do, all within one budget. What doesn't fit stays in its
 * queue.
 *
 * Invariants
 * 1. The result follows from the state and the block alone.
 * 2. A transaction's actions are all queued or none.
 * 3. A block without transactions, with empty queues and no deadline due, changes no row, and takes
 *    no longer with more pending results and wakeups.
 */
import type { KernelStorage } from '../../store/types.js';
import { collectResults, noteOutcome, noteQueued } from './action-results.js';
import { expireUploads } from './actions/install-bundle.js';
import { perform } from './actions/perform.js';
import { Admission } from './admission.js';
import type { BlockWork } from './block-work.js';
import type { Decode } from './cached-decoder.js';
import { jsonBytes, OK, resultOfRefusal } from './codes.js';
import type { ChainParams } from '../chain-params.js';
import { countCranks, countRunQueue } from './run-queue.js';
import { accounts } from './tables/accounts.js';
import { identity } from './tables/chain.js';
import { plan as planRow } from './tables/plan.js';
import { dequeue, enqueue, queuedInAll, type QueueName } from './tables/queues.js';
import type { Block, TxResult, ValidatorUpdate } from './types.js';

export interface BlockPorts {
  readonly decode: Decode;
  readonly kernelStorage: KernelStorage;
  /** Those of this block: an upgrade may have changed them. */
  readonly params: ChainParams;
}

/** Queues the actions of each transaction, or refuses it. */
const takeTransactions = (
  work: BlockWork,
  { txs }: Block,
  { params, decode }: BlockPorts,
): readonly TxResult[] => {
  const { rows, controller, height } = work;
  const { chainID } = identity.require(rows);
  const epochs = controller.getEpochLedger().map(({ epoch }) => epoch);
  return txs.map(bytes => {
    // Made for each: it judges by the rows, which the one before has changed.
    const verdict = new Admission({ decode, rows, chainID, params, epochs, height }).admitBytes(
      bytes,
    );
    if (verdict.kind === 'refused') return resultOfRefusal(verdict.refusal);
    const { sender, sequence, actions, priority } = verdict.tx;
    accounts.write(rows, sender, { sequence: sequence + 1 });
    const queue: QueueName = priority ? 'priority' : 'ordinary';
    const ids = actions.map(action => {
      const id = enqueue(rows, queue, sender, action);
      noteQueued(work, { id, sender, action }, params);
      return id;
    });
    return { code: OK, log: '', data: jsonBytes({ actions: ids }) };
  });
};

/** Runs the kernel within the budget. @returns the number of cranks */
const runKernel = async ({ controller, budget }: BlockWork): Promise<number> =>
  // The kernel asks the policy after each crank only.
  budget.isSpent() ? 0 : controller.run(budget.policy);

/**
 * Each block performs one priority action at least. Vats that never come to rest use up the budget of
 * every block, and those who may end them must come through.
 */
const runQueue = async (work: BlockWork, queue: QueueName, ports: BlockPorts): Promise<void> => {
  for (let isDue = queue === 'priority'; isDue || !work.budget.isSpent(); isDue = false) {
    const next = dequeue(work.rows, queue);
    if (!next) return;
    noteOutcome(work, next, await perform(work, next, ports), ports.params);
    await runKernel(work);
  }
};

/** The block before an upgrade works off the run-queue: a restart loses what lives in RAM only. */
const drainBeforeUpgrade = async (work: BlockWork, { kernelStorage, params }: BlockPorts) => {
  const plan = planRow.read(work.rows);
  if (plan?.height !== work.height + 1) return;
  if (countRunQueue(kernelStorage) > 0) {
    work.budget.extend(params.drainComputrons);
    await runKernel(work);
  }
  work.events.push({
    type: 'swingset_drain',
    attributes: [
      ['upgrade', plan.name],
      ['left', String(countRunQueue(kernelStorage))],
    ],
  });
};

/** An engine halts when it shall remove a validator that it does not know: one of this block. */
const updatesOf = ({ validatorPowers }: BlockWork): readonly ValidatorUpdate[] =>
  [...validatorPowers]
    .filter(([, { before, power }]) => before !== power)
    .map(([publicKey, { power }]) => ({
      publicKey: Uint8Array.from(Buffer.from(publicKey, 'hex')),
      power,
    }));

export interface BlockOutcome {
  readonly txResults: readonly TxResult[];
  readonly validatorUpdates: readonly ValidatorUpdate[];
}

/** The rows that it changed wait in `work.rows`. @throws what stops the host */
export const executeBlock = async (
  work: BlockWork,
  block: Block,
  ports: BlockPorts,
): Promise<BlockOutcome> => {
  const { rows, timer, budget } = work;
  const { params, kernelStorage } = ports;
  expireUploads(work);
  const txResults = takeTransactions(work, block, ports);
  const leftover = await runKernel(work);
  const { seconds } = block.time;
  const hasWork = leftover > 0 || block.txs.length > 0 || queuedInAll(rows) > 0;
  await runQueue(work, 'priority', ports);
  // Messages of the timer must not overtake priority actions that wait for the next block.
  if (!budget.isSpent() && (hasWork || timer.isDue(seconds))) {
    timer.poll(seconds);
    await runKernel(work);
  }
  await runQueue(work, 'ordinary', ports);
  await drainBeforeUpgrade(work, ports);
  // The block before left no promise that is resolved, and only cranks resolve one.
  if (countCranks(kernelStorage) !== work.cranksBefore) collectResults(work, params);
  return { txResults, validatorUpdates: updatesOf(work) };
};
