/** Writes down what becomes of actions (`tables/results.ts`). */
import { describeError, kunser, makeErrorData } from '../../kernel/delivery/kmarshal.js';
import { writeParameters } from '../../kernel/facets/parameter-notation.js';
import type { KRef } from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import type { ActionOutcome } from './actions/outcome.js';
import type { BlockWork } from './block-work.js';
import type { ChainParams } from '../chain-params.js';
import type { QueuedAction } from './tables/queues.js';
import {
  deletePending,
  deleteResult,
  listPending,
  listResultsUpTo,
  readPending,
  readResult,
  writePending,
  writeResult,
  type ActionResult,
} from './tables/results.js';

const announce = ({ events }: BlockWork, id: string, { state, sender, type }: ActionResult) =>
  events.push({
    type: 'swingset_action',
    attributes: [
      ['id', id],
      ['sender', sender],
      ['action', type],
      ['state', state],
    ],
  });

const bounded = (value: unknown, { maxResultLength }: ChainParams): unknown => {
  const { length } = JSON.stringify(value);
  return length <= maxResultLength ? value : { '@tooLong': length };
};

/** Lets go of the kernel's promise for a result. */
const forgetPending = ({ rows, controller }: BlockWork, id: string, kpid: string): void => {
  controller.kpForget(kpid);
  deletePending(rows, id);
};

/** Makes room for a new result. Drops several when an upgrade has lowered the limit. */
const dropOldest = (work: BlockWork, newest: string, { maxResults }: ChainParams): void => {
  for (const id of listResultsUpTo(work.rows, Number(newest) - maxResults)) {
    const kpid = readPending(work.rows, id);
    if (kpid !== undefined) forgetPending(work, id, kpid);
    deleteResult(work.rows, id);
  }
};

/** The result is kept if it is still among the newest. */
const finish = (work: BlockWork, id: string, result: ActionResult): void => {
  if (readResult(work.rows, id)) writeResult(work.rows, id, result);
  announce(work, id, result);
};

/** Notes an action that was accepted. */
export const noteQueued = (
  work: BlockWork,
  { id, sender, action: { type } }: QueuedAction,
  params: ChainParams,
): void => {
  dropOldest(work, id, params);
  writeResult(work.rows, id, { state: 'queued', sender, type });
};

/** Notes what the action did at once, or that its result is to come. */
export const noteOutcome = (
  work: BlockWork,
  { id, sender, action: { type } }: QueuedAction,
  outcome: ActionOutcome,
  params: ChainParams,
): void => {
  const { rows } = work;
  switch (outcome.kind) {
    case 'fulfilled': {
      const value = outcome.value === undefined ? null : bounded(outcome.value, params);
      finish(work, id, { state: 'fulfilled', sender, type, value });
      return;
    }
    case 'rejected': {
      const value = bounded(outcome.reason, params);
      finish(work, id, { state: 'rejected', sender, type, value });
      return;
    }
    case 'queued':
      // Without a row for the result, nobody would read it.
      if (!readResult(rows, id)) {
        work.controller.kpForget(outcome.kpid);
        return;
      }
      writePending(rows, id, outcome.kpid);
      writeResult(rows, id, { state: 'pending', sender, type });
      return;
    default:
      outcome satisfies never;
  }
};

/** The kernel's rejection. A vat that rejects with another's gives its error a number. */
const VAT_TERMINATED = makeErrorData('vat terminated').body;

const PROPOSAL_ENDED =
  'the vat of the proposal was terminated: the code looped, took too much memory or stack, made an illegal syscall, or was under way at an upgrade';

const reasonOf = ({ type }: ActionResult, data: CapData<KRef>): string =>
  type === 'propose' && data.body === VAT_TERMINATED ? PROPOSAL_ENDED : describeError(kunser(data));

/** Reads the results that have come, and forgets the oldest pending ones if there are too many. */
export const collectResults = (work: BlockWork, params: ChainParams): void => {
  const { rows, controller } = work;
  const waiting: (readonly [id: string, kpid: string])[] = [];
  for (const [id, kpid] of listPending(rows)) {
    const status = controller.kpStatus(kpid);
    if (status === 'unresolved') {
      waiting.push([id, kpid]);
      continue;
    }
    const data = controller.kpResolution(kpid, { incref: false });
    deletePending(rows, id);
    const begun = readResult(rows, id);
    if (!begun) continue;
    const value = status === 'rejected' ? reasonOf(begun, data) : writeParameters(data);
    const state = status === 'rejected' ? 'rejected' : 'fulfilled';
    finish(work, id, { ...begun, state, value: bounded(value, params) });
  }
  const excess = waiting.slice(0, Math.max(0, waiting.length - params.maxPendingResults));
  for (const [id, kpid] of excess) {
    forgetPending(work, id, kpid);
    const begun = readResult(rows, id);
    if (begun) finish(work, id, { ...begun, state: 'forgotten' });
  }
};
