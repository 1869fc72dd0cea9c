/** What each `chain` command does. Prints through `io`, and leaves errors to the caller. */
import type { ChainArgs, QueryArgs, StartArgs, StatusArgs } from './chain-args.js';
import type { ChainPowers } from './chain-powers.js';
import {
  joinedText,
  keyText,
  newChainText,
  provenText,
  sentText,
  statusText,
  valueText,
} from './chain-reports.js';
import { readStatus, readUpgradeInfo } from './client-commands.js';
import { connect, queryChain } from './client/chain-client.js';
import { exitCodes } from '../exit-codes.js';
import type { ExitCode } from '../exit-codes.js';
import { initChain, joinChain, makeTestnet } from './new-chain.js';
import { serveNode } from './serve.js';
import { startNode } from './start.js';
import { queryProven } from './query-proven.js';
import { keyCommand, nodesOf, sendCommand } from './tx.js';

export interface ChainIO {
  readonly print: (text: string) => void;
  /** Prints a warning on stderr. */
  readonly warn: (text: string) => void;
  /** Sets the exit code. */
  readonly fail: (code?: ExitCode) => void;
  readonly interruption: () => AbortSignal;
  /** Milliseconds. */
  readonly now: () => number;
  readonly chain: ChainPowers;
}

const bigintsAsNumbers = (_name: string, value: unknown): unknown =>
  typeof value === 'bigint' ? Number(value) : value;

const show = (
  { json }: { readonly json: boolean },
  { print }: ChainIO,
  value: unknown,
  text: string,
): void => print(json ? JSON.stringify(value, bigintsAsNumbers, 2) : text);

const startCommand = async (args: StartArgs, io: ChainIO): Promise<void> => {
  const run = args.withEngine ? startNode : serveNode;
  const outcome = await run(args, {
    log: io.print,
    stop: io.interruption(),
    powers: io.chain,
  });
  switch (outcome.kind) {
    case 'stopped':
      return io.print('stopped');
    case 'upgrade-needed':
      io.warn(outcome.message);
      return io.fail(exitCodes.upgradeNeeded);
    case 'refused':
      io.warn(outcome.message);
      return io.fail();
    case 'gave-up':
      io.warn(`the node ended again and again, at last: ${outcome.message}`);
      return io.fail();
    default:
      return outcome satisfies never;
  }
};

const statusCommand = async (args: StatusArgs, io: ChainIO): Promise<void> => {
  const status = {
    ...(await readStatus(args, io.chain.date())),
    halted: readUpgradeInfo(args.home),
  };
  show(args, io, status, statusText(status));
  if (status.isStalled) io.fail(exitCodes.stalled);
};

const queryCommand = async (args: QueryArgs, io: ChainIO): Promise<void> => {
  const endpoints = connect(nodesOf(args));
  if (args.prove) {
    const { delay } = io.chain;
    const proven = await queryProven(endpoints, args, { now: io.now, delay });
    return show(args, io, { path: args.path, ...proven }, provenText(proven));
  }
  const { value, height } = await queryChain(endpoints, args.path);
  show(args, io, { path: args.path, height, value }, valueText(value));
};

export const isChainCommand = (args: { readonly command: string }): args is ChainArgs =>
  args.command.startsWith('chain ');

export const runChainCommand = async (args: ChainArgs, io: ChainIO): Promise<void> => {
  const console = { warn: (message: unknown) => io.warn(String(message)) };
  switch (args.command) {
    case 'chain init': {
      const made = await initChain(args, console);
      return show(args, io, made, newChainText(made));
    }
    case 'chain testnet': {
      const made = await makeTestnet(args, console);
      return show(args, io, made, newChainText(made));
    }
    case 'chain join': {
      const joined = await joinChain(args);
      return show(args, io, joined, joinedText(joined));
    }
    case 'chain start':
      return startCommand(args, io);
    case 'chain status':
      return statusCommand(args, io);
    case 'chain query':
      return queryCommand(args, io);
    case 'chain tx key': {
      const key = keyCommand(args.file);
      return show(args, io, key, keyText(key));
    }
    default: {
      const sent = await sendCommand(args, {
        now: io.now,
        delay: io.chain.delay,
        onResend: reason => io.warn(`sending again: ${reason}`),
      });
      return show(args, io, sent, sentText(sent));
    }
  }
};
