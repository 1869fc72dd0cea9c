/** Answers FinalizeBlock. */
import type { DeepPartial } from 'cosmjs-types/helpers.js';
import type {
  Event,
  ExecTxResult,
  RequestFinalizeBlock,
} from 'cosmjs-types/tendermint/abci/types.js';
import type { BlockEvent, BlockHost, TxResult } from '../host/block-host/types.js';
import { fromInt64, type AbciResponse } from './codec.js';
import { versionUpdate } from './consensus-params.js';
import { WireValueError } from './errors.js';
import { fromValidator } from './validators.js';

/** Whose codes these are, for clients that talk to several applications. */
export const CODESPACE = 'swingset';

const fromEvent = ({ type, attributes }: BlockEvent): DeepPartial<Event> => ({
  type,
  attributes: attributes.map(([key, value]) => ({
    key,
    value: value.toWellFormed(),
    index: true,
  })),
});

const fromResult = ({ code, log, data }: TxResult): DeepPartial<ExecTxResult> => ({
  code,
  data,
  log: log.toWellFormed(),
  codespace: code === 0 ? '' : CODESPACE,
});

export const finalizeBlock = async (
  host: BlockHost,
  { height, time, txs, hash }: RequestFinalizeBlock,
): Promise<AbciResponse> => {
  const result = await host.executeBlock({
    height: fromInt64(height, 'finalizeBlock.height'),
    time,
    txs,
    hash,
  });
  const { appHash, txResults, events, validatorUpdates, appVersion } = result;
  // With another number, the engine lives on, and makes no more blocks.
  if (txResults.length !== txs.length) {
    const expected = `one result for each of ${txs.length} transactions`;
    throw new WireValueError('finalizeBlock.txResults', txResults.length, expected);
  }
  return {
    kind: 'finalizeBlock',
    value: {
      appHash,
      txResults: txResults.map(fromResult),
      events: events.map(fromEvent),
      validatorUpdates: validatorUpdates.map((each, index) =>
        fromValidator(each, `validatorUpdates[${index}]`),
      ),
      ...(appVersion === undefined ? {} : { consensusParamUpdates: versionUpdate(appVersion) }),
    },
  };
};
