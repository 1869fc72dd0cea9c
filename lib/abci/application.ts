/**
 * An ABCI 2.0 application over a block host: answers all 16 requests.
 *
 * Boundary: what state is and when it changes is the host's. What the engine expects of an answer
 * is here.
 *
 * Invariants
 * 1. Calls that change state, and those that belong to the next block, take turns, whichever
 *    connections they come from. `Info`, `CheckTx`, `Query`, `ListSnapshots` and `LoadSnapshotChunk`
 *    answer at once, from committed state. `Info` waits for a commit that is under way, so that an
 *    engine that starts again does not learn a height that is about to pass.
 * 2. An exception on any connection stops the engine. Only a failure of a call that changes state
 *    is one, and after it the application answers no more such calls. All other refusals are codes,
 *    statuses or empty answers.
 */
import type { BlockHost } from '../host/block-host/types.js';
import { packageVersion } from '../package-paths.js';
import { printable } from '../printable.js';
import { finalizeBlock } from './answer-block.js';
import { checkTx, query } from './answer-clients.js';
import { extendVote, prepareProposal, processProposal, verifyVote } from './answer-proposals.js';
import { applyChunk, listSnapshots, loadChunk, offerSnapshot } from './answer-snapshots.js';
import { initChain } from './answer-start.js';
import { toInt64, type AbciResponse } from './codec.js';
import type { RequestHandler } from './connection.js';
import type { Report } from './report.js';
import { makeTurns } from './turns.js';

export interface ApplicationOptions {
  readonly host: BlockHost;
  readonly console?: Pick<Console, 'error'>;
}

/** @returns the handler of `startAbciServer`. What it throws is fatal. */
export const makeAbciApplication = ({
  host,
  console = globalThis.console,
}: ApplicationOptions): RequestHandler => {
  const turns = makeTurns();
  let failure: { readonly error: unknown } | undefined;
  let committing: Promise<unknown> = Promise.resolve();

  const takeTurn = <T>(work: () => Promise<T> | T): Promise<T> =>
    turns.take(async () => {
      if (failure) throw failure.error;
      try {
        return await work();
      } catch (error) {
        failure = { error };
        throw error;
      }
    });

  const report: Report = message => console.error(printable(message));

  const info = async (): Promise<AbciResponse> => {
    await committing.catch(() => undefined);
    const { height, appHash, appVersion, platformEpoch } = host.info();
    return {
      kind: 'info',
      value: {
        data: JSON.stringify({ software: 'swingset-kernel', platformEpoch }),
        version: packageVersion(),
        appVersion,
        lastBlockHeight: toInt64(height, 'info.height'),
        lastBlockAppHash: appHash,
      },
    };
  };

  const commit = (): Promise<AbciResponse> => {
    const done = takeTurn(async (): Promise<AbciResponse> => {
      const { retainHeight } = await host.commit();
      return { kind: 'commit', value: { retainHeight: toInt64(retainHeight, 'retainHeight') } };
    });
    committing = done;
    return done;
  };

  return request => {
    switch (request.kind) {
      case 'echo':
        return { kind: 'echo', value: { message: request.value.message } };
      case 'flush':
        return { kind: 'flush', value: {} };
      case 'info':
        return info();
      case 'query':
        return query(host, request.value, report);
      case 'checkTx':
        return checkTx(host, request.value, report);
      case 'listSnapshots':
        return listSnapshots(host, report);
      case 'loadSnapshotChunk':
        return loadChunk(host, request.value, report);
      case 'initChain':
        return takeTurn(() => initChain(host, request.value));
      case 'prepareProposal':
        return takeTurn(() => prepareProposal(host, request.value, report));
      case 'processProposal':
        return takeTurn(() => processProposal(host, request.value, report));
      case 'finalizeBlock':
        return takeTurn(() => finalizeBlock(host, request.value));
      case 'commit':
        return commit();
      case 'offerSnapshot':
        return takeTurn(() => offerSnapshot(host, request.value));
      case 'applySnapshotChunk':
        return takeTurn(() => applyChunk(host, request.value));
      case 'extendVote':
        return extendVote();
      case 'verifyVoteExtension':
        return verifyVote(request.value);
      default:
        return request satisfies never;
    }
  };
};
