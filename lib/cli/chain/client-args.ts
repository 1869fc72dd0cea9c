/** Options of the commands that ask a running node: `chain status`, `query` and `tx`. */
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { RepeatableOption, type HelpPage } from '../help/page.js';
import { addBareCommand, checkOperands, wholeNumberUpTo } from '../command.js';
import { oneMore } from '../restart-args.js';

export interface ClientArgs {
  /** Of a node on this machine. Its RPC is asked unless `nodes` names others. */
  readonly home: string | undefined;
  /** RPC addresses, tried in turn. */
  readonly nodes: readonly string[];
  /** Seconds. */
  readonly timeout: number;
  readonly json: boolean;
}

const rpcAddress = (value: string, before?: readonly string[]): readonly string[] => {
  const text = /^[a-z]+:\/\//.test(value) ? value : `http://${value}`;
  if (!/^(https?|tcp):/.test(text) || !URL.canParse(text.replace(/^tcp:/, 'http:'))) {
    throw new InvalidArgumentError('Expected http://<host>:<port>.');
  }
  return oneMore(text, before);
};

/** A command of `parent` that asks a running node. */
export const addClientCommand = (parent: Command, name: string, page: HelpPage): Command =>
  addBareCommand(parent, name, page)
    .option('--home <dir>', 'home of a node on this machine: its RPC is asked')
    .addOption(
      new RepeatableOption(
        '--node <url>',
        'RPC address of a node (repeatable: tried in turn)',
      ).argParser(rpcAddress),
    )
    .option('--timeout <s>', 'seconds to wait at most', wholeNumberUpTo(86_400), 60)
    .option('--json', 'print JSON instead of tables')
    .option('--debug', 'print the stack of an error');

interface ClientValues {
  readonly home?: string;
  readonly node?: readonly string[];
  readonly timeout: number;
  readonly json?: true;
}

/** Calls `take` with the command's options and operands once they are checked. */
export const whenClientParsed = <V extends object>(
  command: Command,
  take: (client: ClientArgs, values: V, operands: readonly string[]) => void,
): void => {
  command.allowExcessArguments().action(() => {
    checkOperands(command);
    const { home, node = [], timeout, json = false } = command.opts<ClientValues>();
    if (home === undefined && node.length === 0) {
      command.error("one of the options '--home <dir>' and '--node <url>' is required");
    }
    take({ home, nodes: node, timeout, json }, command.opts<V>(), command.args);
  });
};
