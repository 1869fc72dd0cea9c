/**
 * The help page of a command: usage, what it does, options, examples.
 *
 * The texts are in the tables beside this file, one record a command. Commander knows the operands
 * and options and writes their part. `spec/cli/help.spec.ts` parses every example.
 */
import { Option } from 'commander';
import type { Argument, Command } from 'commander';

interface Example {
  /** Why somebody would type it, in lower case. */
  readonly why: string;
  /** The whole line, without the prompt. */
  readonly line: string;
}

export interface HelpPage {
  /** In the list of commands, and the first sentence of the page: lower case, no full stop. */
  readonly summary: string;
  /** Further paragraphs. */
  readonly more?: readonly string[];
  /** What follows `--`, for commands that take it: `<argv of the bootstrap vat>`. */
  readonly afterDashes?: string;
  readonly examples: readonly Example[];
}

/** An option that a command checks itself, after commander has reported the unknown ones. */
export class RequiredOption extends Option {}

/** An option that may be given several times. Of any other, two values contradict each other. */
export class RepeatableOption extends Option {}

const afterDashes = new WeakMap<Command, string>();

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const exampleLines = ({ why, line }: Example): readonly string[] => [`  # ${why}`, `  ${line}`, ''];

/** Gives a command its texts. */
export const describeCommand = (command: Command, page: HelpPage): Command => {
  const { summary, more = [], examples } = page;
  if (page.afterDashes !== undefined) afterDashes.set(command, page.afterDashes);
  const title = examples.length === 1 ? 'Example:' : 'Examples:';
  return command
    .summary(summary)
    .description([sentence(summary), ...more].join('\n\n'))
    .addHelpText('after', ['', title, ...examples.flatMap(exampleLines)].join('\n').trimEnd());
};

/** `swingset-kernel store copy`. */
export const fullName = (command: Command): string =>
  command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();

const operandUsage = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
};

/** `swingset-kernel store copy <to> --home <dir> [options]`. */
const usageOf = (command: Command): string => {
  if (command.commands.length > 0) return `${fullName(command)} <command> [options]`;
  const required = command.options.filter(
    option => option.mandatory || option instanceof RequiredOption,
  );
  const rest = afterDashes.get(command);
  return [
    fullName(command),
    ...command.registeredArguments.map(operandUsage),
    ...required.map(({ flags }) => flags),
    '[options]',
    ...(rest === undefined ? [] : [`[-- ${rest}]`]),
  ].join(' ');
};

const termOf = (command: Command): string =>
  [command.name(), ...command.registeredArguments.map(operandUsage)].join(' ');

/** Gives all pages one form. Call it before commands are added: they inherit it. */
export const setHelpStyle = (program: Command): Command =>
  program
    .configureHelp({ commandUsage: usageOf, subcommandTerm: termOf })
    .helpOption('-h, --help', 'show this page')
    .helpCommand('help [command...]', 'show the page of a command');

/**
 * Prints the page that `help <names>` asks for.
 * @throws what `program` throws for a mistake, and at the end of a page
 */
export const showHelp = (program: Command, names: readonly string[]): never => {
  let command = program;
  for (const name of names) {
    const next = command.commands.find(each => each.name() === name);
    command = next ?? command.error(`unknown command '${name}'`);
  }
  return command.help();
};
