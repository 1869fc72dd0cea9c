/** `chain tx`: signs, sends, and waits for blocks. */
import { existsSync } from 'node:fs';
import { readKeyFile, writeKeyFile } from '../../host/transactions/key-files.js';
import { makeKey } from '../../host/transactions/keys.js';
import type { SigningKey } from '../../host/transactions/keys.js';
import { signTransaction } from '../../host/transactions/transaction.js';
import { actionsOf } from './actions.js';
import { connect, isAboutSequence, nextSequence, readActionResult } from './client/chain-client.js';
import type { ActionResult } from './client/chain-client.js';
import type { Endpoints } from './client/endpoints.js';
import type { CommittedTx } from './client/rpc-client.js';
import { sendTransactions } from './client/send.js';
import type { SendPowers } from './client/send.js';
import { EndpointError } from './errors.js';
import { openHome, readGenesis, rpcOfHome } from './home/make-home.js';
import type { SenderArgs, SendingArgs } from './tx-args.js';

export interface SentTransaction {
  readonly hash: string;
  readonly height: number;
  /** IDs of its actions, for `chain query /result/<id>`. */
  readonly actions: readonly string[];
}

export interface SentReport {
  readonly chainID: string;
  readonly sender: string;
  readonly transactions: readonly SentTransaction[];
  /** With `--result`: what the last action's vat answered. Undefined if it had not in time. */
  readonly result?: ActionResult;
}

/** The RPC addresses that a command asks. */
export const nodesOf = ({
  home,
  nodes,
}: {
  readonly home: string | undefined;
  readonly nodes: readonly string[];
}): readonly string[] =>
  nodes.length > 0 || home === undefined ? nodes : [rpcOfHome(openHome(home))];

const chainIDOf = async (args: SenderArgs, endpoints: Endpoints): Promise<string> => {
  if (args.chainID !== undefined) return args.chainID;
  if (args.home !== undefined) return readGenesis(openHome(args.home)).chainID;
  return (await endpoints.ask(client => client.status())).chainID;
};

const reportOf = ({ hash, height, data }: CommittedTx): SentTransaction => {
  const { actions = [] } = (data.length > 0 ? JSON.parse(data.toString('utf8')) : {}) as {
    readonly actions?: readonly string[];
  };
  return { hash, height: Number(height), actions };
};

interface WaitOptions {
  readonly endpoints: Endpoints;
  readonly powers: SendPowers;
  readonly timeoutSeconds: number;
}

const POLL_MS = 250;

const waitForResult = async (
  id: string,
  { endpoints, powers, timeoutSeconds }: WaitOptions,
): Promise<ActionResult | undefined> => {
  const deadline = powers.now() + timeoutSeconds * 1000;
  for (;;) {
    try {
      const result = await readActionResult(endpoints, id);
      if (result || powers.now() >= deadline) return result;
    } catch (error) {
      if (!(error instanceof EndpointError) || powers.now() >= deadline) throw error;
      endpoints.rotate();
    }
    await powers.delay(POLL_MS);
  }
};

export interface TxPowers extends SendPowers {
  /** Tells that a transaction is sent again. */
  readonly onResend: (reason: string) => void;
}

export const sendCommand = async (args: SendingArgs, powers: TxPowers): Promise<SentReport> => {
  const key = readKeyFile(args.key);
  const actions = await actionsOf(args);
  const endpoints = connect(nodesOf(args));
  const chainID = await chainIDOf(args, endpoints);
  const first = args.sequence ?? (await nextSequence(endpoints, key.address));
  const txs = actions.map((each, index) =>
    signTransaction(
      { sequence: first + index, actions: each, ...(args.priority && { priority: true }) },
      { chainID, key },
    ),
  );
  const timeoutSeconds = args.timeout;
  const committed = await sendTransactions(txs, {
    endpoints,
    powers,
    timeoutSeconds,
    isAboutSequence,
    onResend: powers.onResend,
  });
  const transactions = committed.map(reportOf);
  const id = transactions.at(-1)?.actions.at(-1);
  const wants = 'result' in args && args.result && id !== undefined;
  const result = wants ? await waitForResult(id, { endpoints, powers, timeoutSeconds }) : undefined;
  return { chainID, sender: key.address, transactions, ...(result && { result }) };
};

export interface KeyReport {
  readonly file: string;
  readonly address: string;
  readonly publicKey: string;
  readonly isNew: boolean;
}

/** `chain tx key`. */
export const keyCommand = (file: string): KeyReport => {
  const isNew = !existsSync(file);
  const makeFile = (): SigningKey => {
    const key = makeKey();
    writeKeyFile(file, key);
    return key;
  };
  const { address, publicKey } = isNew ? makeFile() : readKeyFile(file);
  return { file, address, publicKey: Buffer.from(publicKey).toString('hex'), isNew };
};
