/** The `chain tx` commands: their options and operands. */
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { RepeatableOption } from '../help/page.js';
import type { PlatformRestartMode } from '../../types/platform-epoch.js';
import { addBareCommand, checkOperands, wholeNumberUpTo } from '../command.js';
import { txPage, txPages } from '../help/chain-pages.js';
import { modeOption, oneMore } from '../restart-args.js';
import { addClientCommand, whenClientParsed } from './client-args.js';
import type { ClientArgs } from './client-args.js';

/** What all transactions have. */
export interface SenderArgs extends ClientArgs {
  /** File of the key that signs. */
  readonly key: string;
  readonly chainID: string | undefined;
  /** Default: the account's next one. */
  readonly sequence: number | undefined;
  readonly priority: boolean;
}

export interface UpgradeRestartArgs {
  readonly mode?: PlatformRestartMode;
  readonly onVatFailure?: 'suspend' | 'panic' | 'terminate';
  readonly exempt?: readonly string[];
  /** A file of rules. */
  readonly vatParameters?: string;
}

export type SendingArgs = SenderArgs &
  (
    | {
        readonly command: 'chain tx message';
        readonly to: string;
        readonly method: string;
        readonly args: readonly unknown[];
        /** Wait for the result of the message, too. */
        readonly result: boolean;
      }
    | {
        readonly command: 'chain tx propose';
        /** File with the code. */
        readonly code: string;
        /** File with the permits. */
        readonly permits: string | undefined;
        readonly result: boolean;
      }
    | {
        readonly command: 'chain tx install';
        /** A file with a bundle, or a source that is bundled. */
        readonly source: string;
        readonly chunkBytes: number | undefined;
      }
    | ({
        readonly command: 'chain tx upgrade';
        readonly name: string;
        readonly height: number;
        readonly info: string;
        /** A file: parameters of the chain that change with the upgrade. */
        readonly params: string | undefined;
      } & UpgradeRestartArgs)
    | { readonly command: 'chain tx cancel-upgrade'; readonly name: string }
    | { readonly command: 'chain tx bridge'; readonly port: string; readonly message: unknown }
    | {
        readonly command: 'chain tx validator';
        /** A `priv_validator_key.json`, or the public key in base64. */
        readonly validator: string;
        readonly power: number;
      }
  );

export type TxArgs =
  | SendingArgs
  | {
      readonly command: 'chain tx key';
      readonly file: string;
      readonly home: undefined;
      readonly json: boolean;
    };

type Found = (args: TxArgs) => void;

/** @throws InvalidArgumentError, which commander reports */
const parseJsonArgument = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InvalidArgumentError(`Expected JSON; a text is '"${text.replaceAll('"', '\\"')}"'.`);
  }
};

const parsePower = (text: string): number => {
  if (/^[0-9]{1,12}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number; 0 removes the validator.');
};

const parseSequence = (text: string): number => {
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
};

interface SenderValues {
  readonly key: string;
  readonly chainId?: string;
  readonly sequence?: number;
  readonly priority?: true;
}

const addTxCommand = (tx: Command, name: keyof typeof txPages): Command =>
  addClientCommand(tx, name, txPages[name])
    .addOption(
      new Option('--key <file>', 'key that signs; see `chain tx key`').makeOptionMandatory(),
    )
    .option('--chain-id <id>', "name of the chain (default: the home's, else the node's)")
    .addOption(
      new Option(
        '--sequence <n>',
        "number of the transaction (default: the account's next)",
      ).argParser(parseSequence),
    )
    .option('--priority', 'before other actions; needs the role `priority`');

const whenTxParsed = <V extends object>(
  command: Command,
  take: (sender: SenderArgs, values: V, operands: readonly string[]) => void,
): void =>
  whenClientParsed<SenderValues & V>(command, (client, values, operands) => {
    const { key, chainId, sequence, priority = false } = values;
    take({ ...client, key, chainID: chainId, sequence, priority }, values, operands);
  });

/** Parses an operand, as commander does for those with a parser. */
const parseOperand = <T>(
  command: Command,
  name: string,
  text: string,
  parse: (t: string) => T,
): T => {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return command.error(`argument '${name}' has the value '${text}'. ${error.message}`);
  }
};

const resultOption = (): Option =>
  new Option('--result', "wait for the vat's answer as well, and print it");

const addMessage = (tx: Command, more: readonly string[], found: Found): void => {
  const message = addTxCommand(tx, 'message')
    .argument('<to>', 'name under which a vat has published the facet')
    .argument('<method>', "the method; it gets the sender's address first")
    .argument('[args...]', 'further arguments, each as JSON; negative numbers come after --')
    .addOption(resultOption());
  whenTxParsed<{ result?: true }>(message, (sender, values, operands) => {
    const [to = '', method = '', ...texts] = operands;
    const args = [...texts, ...more].map(text =>
      parseOperand(message, 'args', text, parseJsonArgument),
    );
    const { result = false } = values;
    found({ command: 'chain tx message', ...sender, to, method, args, result });
  });
};

const addPropose = (tx: Command, found: Found): void => {
  const propose = addTxCommand(tx, 'propose')
    .argument('<file>', 'a function expression: async powers => { … }')
    .option('--permits <file>', 'JSON: the powers that the code gets (default: all)')
    .addOption(resultOption());
  whenTxParsed<{ permits?: string; result?: true }>(
    propose,
    (sender, { permits, result = false }, [code = '']) =>
      found({ command: 'chain tx propose', ...sender, code, permits, result }),
  );
};

const addInstall = (tx: Command, found: Found): void => {
  const install = addTxCommand(tx, 'install')
    .argument('<source>', 'a JSON file with a bundle, or a module to bundle')
    .option('--chunk-bytes <n>', 'bytes in one transaction', wholeNumberUpTo(10_000_000));
  whenTxParsed<{ chunkBytes?: number }>(install, (sender, { chunkBytes }, [source = '']) =>
    found({ command: 'chain tx install', ...sender, source, chunkBytes }),
  );
};

interface UpgradeValues extends UpgradeRestartArgs {
  readonly at: number;
  readonly info?: string;
  readonly params?: string;
}

const addUpgrade = (tx: Command, found: Found): void => {
  const upgrade = addTxCommand(tx, 'upgrade')
    .argument('<name>', 'name of the upgrade: the platform epoch of the new software')
    .addOption(
      new Option('--at <height>', 'first block of the new software')
        .argParser(wholeNumberUpTo(Number.MAX_SAFE_INTEGER))
        .makeOptionMandatory(),
    )
    .option('--info <text>', 'for operators: what to install')
    .option('--params <file>', 'JSON: parameters of the chain that change with the upgrade')
    .addOption(modeOption())
    .addOption(
      new Option('--on-vat-failure <policy>', "what to do with a vat that can't start").choices([
        'suspend',
        'panic',
        'terminate',
      ]),
    )
    .addOption(
      new RepeatableOption(
        '--exempt <vat>',
        'name or vatID of a vat that keeps its incarnation (repeatable)',
      ).argParser(oneMore),
    )
    .option('--vat-parameters <file>', 'JSON rules that change what vats start with');
  whenTxParsed<UpgradeValues>(upgrade, (sender, values, [name = '']) => {
    const { at, info = '', params, mode, onVatFailure, exempt, vatParameters } = values;
    found({
      command: 'chain tx upgrade',
      ...sender,
      name,
      height: at,
      info,
      params,
      ...(mode && { mode }),
      ...(onVatFailure && { onVatFailure }),
      ...(exempt && { exempt }),
      ...(vatParameters !== undefined && { vatParameters }),
    });
  });
};

const addOthers = (tx: Command, found: Found): void => {
  whenTxParsed(
    addTxCommand(tx, 'cancel-upgrade').argument('<name>', 'name of the upgrade'),
    (sender, _values, [name = '']) =>
      found({ command: 'chain tx cancel-upgrade', ...sender, name }),
  );

  const bridge = addTxCommand(tx, 'bridge')
    .argument('<port>', 'name of the port')
    .argument('<message>', 'JSON');
  whenTxParsed(bridge, (sender, _values, [port = '', text = '']) => {
    const message = parseOperand(bridge, 'message', text, parseJsonArgument);
    found({ command: 'chain tx bridge', ...sender, port, message });
  });

  const validator = addTxCommand(tx, 'validator')
    .argument('<key>', "the node's priv_validator_key.json, or its public key in base64")
    .argument('<power>', 'voting power; 0 removes it');
  whenTxParsed(validator, (sender, _values, [key = '', text = '']) => {
    const power = parseOperand(validator, 'power', text, parsePower);
    found({ command: 'chain tx validator', ...sender, validator: key, power });
  });
};

const addKey = (tx: Command, found: Found): void => {
  const key = addBareCommand(tx, 'key', txPages.key)
    .argument('<file>', 'file of the key')
    .option('--json', 'print JSON')
    .option('--debug', 'print the stack of an error');
  key.allowExcessArguments().action(() => {
    checkOperands(key);
    const { json = false } = key.opts<{ json?: true }>();
    found({ command: 'chain tx key', file: key.args[0] ?? '', home: undefined, json });
  });
};

/** Adds `tx` to the `chain` commands. */
export const addTxCommands = (chain: Command, argv: readonly string[], found: Found): void => {
  const tx = addBareCommand(chain, 'tx', txPage);
  addMessage(tx, argv, found);
  addInstall(tx, found);
  addPropose(tx, found);
  addUpgrade(tx, found);
  addOthers(tx, found);
  addKey(tx, found);
};
