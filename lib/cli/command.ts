/** What all commands have in common: their options, their operands, and how mistakes are reported. */
import { InvalidArgumentError } from 'commander';
import type { Command, CommanderError } from 'commander';
import { describeCommand, fullName, RequiredOption } from './help/page.js';
import type { HelpPage } from './help/page.js';
import { UsageError } from './usage-error.js';

export interface CommonArgs {
  readonly home: string;
  readonly json: boolean;
}

const mistakeOf = (command: Command, { code, message }: CommanderError): string =>
  code === 'commander.help'
    ? `${fullName(command)} needs a command: ${command.commands.map(each => each.name()).join(', ')}`
    : message.replace(/^error: /, '');

/** Mistakes become UsageErrors. Help and version texts end the parsing as CommanderErrors. */
export const reportMistakes = (command: Command): Command =>
  command.exitOverride(error => {
    if (error.exitCode === 0) throw error;
    throw new UsageError(mistakeOf(command, error), fullName(command));
  });

/** A command of `parent` that has no options yet, or that only groups others. */
export const addBareCommand = (parent: Command, name: string, page: HelpPage): Command =>
  describeCommand(reportMistakes(parent.command(name)), page);

/** A command of `parent` that works on a store. */
export const addCommand = (parent: Command, name: string, page: HelpPage): Command =>
  addBareCommand(parent, name, page)
    .addOption(new RequiredOption('--home <dir>', 'directory of the swingstore (required)'))
    .option('--json', 'print JSON instead of tables')
    .option('--debug', 'print the stack of an error');

/**
 * Refuses surplus and empty operands.
 * @param hint - Ends the error about a surplus one.
 */
export const checkOperands = (command: Command, hint = ''): void => {
  const { args, registeredArguments } = command;
  const surplus = args[registeredArguments.length];
  if (surplus !== undefined && !registeredArguments.at(-1)?.variadic) {
    command.error(`unexpected argument ${JSON.stringify(surplus)}${hint}`);
  }
  const empty = registeredArguments[args.indexOf('')];
  if (empty) {
    const [open, close] = empty.required ? '<>' : '[]';
    command.error(`argument '${open}${empty.name()}${close}' has an empty value`);
  }
};

/**
 * Calls `take` with the command's options and operands once they are checked.
 * @param hint - Ends the error about a surplus operand.
 */
export const whenParsed = <V extends object>(
  command: Command,
  take: (common: CommonArgs, values: V, operands: readonly string[]) => void,
  hint = '',
): void => {
  command.allowExcessArguments().action(() => {
    checkOperands(command, hint);
    const { home, json = false } = command.opts<{ home?: string; json?: true }>();
    // Here and not as a mandatory option: after `--hom x`, the unknown option is the mistake.
    if (!home) command.error("required option '--home <dir>' not specified");
    take({ home, json }, command.opts<V>(), command.args);
  });
};

/** `2_000`, `2,000`, `2e3` and `0x7d0` are 2000. NaN for fractions, which `Number` may round. */
const readWholeNumber = (text: string): number => {
  if (/^[0-9][0-9_,]*$/.test(text)) return Number(text.replaceAll(/[_,]/g, ''));
  const [, decimals = '', exponent = '0'] = /\.(\d*?)0*(?:e\+?(\d+))?$/i.exec(text) ?? [];
  const isFraction = /e-/i.test(text) || decimals.length > Number(exponent);
  return isFraction ? NaN : Number(text);
};

/** Parser of an option's value. */
export const wholeNumberUpTo =
  (max: number) =>
  (text: string): number => {
    const value = readWholeNumber(text);
    if (value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${max}.`);
  };
