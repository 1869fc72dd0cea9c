/** Answers the four requests about snapshots. */
import {
  ResponseApplySnapshotChunk_Result as ApplyResult,
  ResponseOfferSnapshot_Result as OfferResult,
} from 'cosmjs-types/tendermint/abci/types.js';
import type {
  RequestApplySnapshotChunk,
  RequestLoadSnapshotChunk,
  RequestOfferSnapshot,
  Snapshot,
} from 'cosmjs-types/tendermint/abci/types.js';
import { errorText } from '../errors.js';
import type {
  ApplyAnswer,
  BlockHost,
  OfferAnswer,
  SnapshotDescription,
} from '../host/block-host/types.js';
import { fromInt64, toInt64, type AbciResponse } from './codec.js';
import type { Report } from './report.js';

const offerResults: Readonly<Record<OfferAnswer, OfferResult>> = {
  accept: OfferResult.ACCEPT,
  abort: OfferResult.ABORT,
  reject: OfferResult.REJECT,
  'reject-format': OfferResult.REJECT_FORMAT,
  'reject-sender': OfferResult.REJECT_SENDER,
};

const applyResults: Readonly<Record<ApplyAnswer['result'], ApplyResult>> = {
  accept: ApplyResult.ACCEPT,
  abort: ApplyResult.ABORT,
  retry: ApplyResult.RETRY,
  'retry-snapshot': ApplyResult.RETRY_SNAPSHOT,
  'reject-snapshot': ApplyResult.REJECT_SNAPSHOT,
};

/** Peers choose the height: a foolish one is no failure of this node. */
const toDescription = (snapshot: Snapshot | undefined): SnapshotDescription | undefined =>
  snapshot && snapshot.height <= BigInt(Number.MAX_SAFE_INTEGER)
    ? { ...snapshot, height: Number(snapshot.height) }
    : undefined;

export const listSnapshots = (host: BlockHost, report: Report): AbciResponse => {
  try {
    const snapshots = host.listSnapshots().map(snapshot => ({
      ...snapshot,
      height: toInt64(snapshot.height, 'snapshot.height'),
    }));
    return { kind: 'listSnapshots', value: { snapshots } };
  } catch (error) {
    report(`ListSnapshots failed: ${errorText(error)}`);
    return { kind: 'listSnapshots', value: {} };
  }
};

/** An empty chunk says that this node has none. The engine then asks another one. */
export const loadChunk = async (
  host: BlockHost,
  { height, format, chunk }: RequestLoadSnapshotChunk,
  report: Report,
): Promise<AbciResponse> => {
  try {
    const bytes = await host.load(fromInt64(height, 'loadSnapshotChunk.height'), format, chunk);
    return { kind: 'loadSnapshotChunk', value: { chunk: bytes } };
  } catch (error) {
    report(`LoadSnapshotChunk failed: ${errorText(error)}`);
    return { kind: 'loadSnapshotChunk', value: {} };
  }
};

export const offerSnapshot = async (
  host: BlockHost,
  { snapshot, appHash }: RequestOfferSnapshot,
): Promise<AbciResponse> => {
  const description = toDescription(snapshot);
  const answer = description ? await host.offer(description, appHash) : 'reject';
  return { kind: 'offerSnapshot', value: { result: offerResults[answer] } };
};

export const applyChunk = async (
  host: BlockHost,
  { index, chunk, sender }: RequestApplySnapshotChunk,
): Promise<AbciResponse> => {
  const { result, refetchChunks, rejectSenders } = await host.apply(index, chunk, sender);
  return {
    kind: 'applySnapshotChunk',
    value: {
      result: applyResults[result],
      refetchChunks: [...refetchChunks],
      rejectSenders: [...rejectSenders],
    },
  };
};
