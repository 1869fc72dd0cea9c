/**
 * Answers PrepareProposal, ProcessProposal and the requests about vote extensions, which this
 * application does not have.
 *
 * A failure here changes no state, so the chain goes on without it: this node proposes an empty
 * block, or rejects what others propose.
 */
import {
  ResponseProcessProposal_ProposalStatus as Status,
  ResponseVerifyVoteExtension_VerifyStatus as VerifyStatus,
} from 'cosmjs-types/tendermint/abci/types.js';
import type {
  RequestPrepareProposal,
  RequestProcessProposal,
  RequestVerifyVoteExtension,
} from 'cosmjs-types/tendermint/abci/types.js';
import { errorText } from '../errors.js';
import type { BlockHost } from '../host/block-host/types.js';
import { fromInt64, type AbciResponse } from './codec.js';
import type { Report } from './report.js';

export const prepareProposal = (
  host: BlockHost,
  { txs, height, maxTxBytes }: RequestPrepareProposal,
  report: Report,
): AbciResponse => {
  try {
    const maxBytes = fromInt64(maxTxBytes, 'prepareProposal.maxTxBytes');
    const limits = { height: fromInt64(height, 'prepareProposal.height'), maxBytes };
    return { kind: 'prepareProposal', value: { txs: [...host.prepare(txs, limits)] } };
  } catch (error) {
    report(`PrepareProposal failed, so this node proposes nothing: ${errorText(error)}`);
    return { kind: 'prepareProposal', value: { txs: [] } };
  }
};

const findRefusal = (
  host: BlockHost,
  { txs, height }: RequestProcessProposal,
): string | undefined => {
  // The engine has checked the size of the block.
  const maxBytes = Number.MAX_SAFE_INTEGER;
  return host.refuse(txs, { height: fromInt64(height, 'processProposal.height'), maxBytes });
};

export const processProposal = (
  host: BlockHost,
  request: RequestProcessProposal,
  report: Report,
): AbciResponse => {
  let status = Status.REJECT;
  try {
    const reason = findRefusal(host, request);
    if (reason === undefined) status = Status.ACCEPT;
    else report(`Rejected the proposal for block ${request.height}: ${reason}`);
  } catch (error) {
    report(
      `ProcessProposal failed, so this node rejects block ${request.height}: ${errorText(error)}`,
    );
  }
  return { kind: 'processProposal', value: { status } };
};

export const extendVote = (): AbciResponse => ({ kind: 'extendVote', value: {} });

export const verifyVote = ({ voteExtension }: RequestVerifyVoteExtension): AbciResponse => ({
  kind: 'verifyVoteExtension',
  value: { status: voteExtension.length === 0 ? VerifyStatus.ACCEPT : VerifyStatus.REJECT },
});
