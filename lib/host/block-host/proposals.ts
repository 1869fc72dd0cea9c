/**
 * Proposals of blocks: what this node proposes, and what it refuses of others.
 *
 * Invariant: a block that `fillBlock` made is refused by no node that has the same state.
 */
import { Admission, type AdmissionContext } from './admission.js';
import type { ProposalLimits } from './types.js';

/** What a transaction takes of a block: a tag, its length as a varint, and its bytes (protobuf). */
const sizeInBlock = ({ length }: Uint8Array): number => {
  let size = 2 + length;
  for (let rest = length; rest >= 128; rest = Math.floor(rest / 128)) size += 1;
  return size;
};

/**
 * Chooses transactions for a block: those with priority first, and each sender's in their order.
 * Leaves out what the block would refuse.
 */
export const fillBlock = (
  txs: readonly Uint8Array[],
  { maxBytes }: ProposalLimits,
  context: AdmissionContext,
): readonly Uint8Array[] => {
  const admission = new Admission(context);
  const chosen: Uint8Array[] = [];
  let room = maxBytes;
  const tryEach = (candidates: readonly Uint8Array[]): readonly Uint8Array[] =>
    candidates.filter(bytes => {
      const size = sizeInBlock(bytes);
      if (size > room) return false;
      const verdict = admission.admitBytes(bytes);
      if (verdict.kind === 'refused') return verdict.refusal.reason === 'sequence';
      room -= size;
      chosen.push(bytes);
      return false;
    });
  const hasPriority = (bytes: Uint8Array): boolean => {
    try {
      return context.decode(bytes, context.chainID, context.params.maxTxBytes).priority;
    } catch {
      // It is left out when its turn comes.
      return false;
    }
  };
  // What comes too early for its sender's sequence is tried again after the others.
  let left = [...txs.filter(hasPriority), ...txs.filter(bytes => !hasPriority(bytes))];
  for (let before = -1; before !== chosen.length && left.length > 0;) {
    before = chosen.length;
    left = [...tryEach(left)];
  }
  return chosen;
};

/** Why no honest node proposes these transactions; undefined if one may. */
export const refuseBlock = (
  txs: readonly Uint8Array[],
  { maxBytes }: ProposalLimits,
  context: AdmissionContext,
): string | undefined => {
  const size = txs.reduce((sum, bytes) => sum + sizeInBlock(bytes), 0);
  if (size > maxBytes) return `the transactions have ${size} bytes, and the limit is ${maxBytes}`;
  const admission = new Admission(context);
  for (const [index, bytes] of txs.entries()) {
    const verdict = admission.admitBytes(bytes);
    if (verdict.kind === 'refused') return `transaction ${index}: ${verdict.refusal.log}`;
  }
  return undefined;
};
