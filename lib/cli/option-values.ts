/**
 * Refuses values that commander would accept but nobody means. Commander gives an option whatever
 * comes next: `--epoch $EPOCH --lazy` with an empty `$EPOCH` would make `--lazy` the epoch, and
 * restart every vat.
 */
import type { Command, Option } from 'commander';
import { RepeatableOption } from './help/page.js';

const checkValue = (
  command: Command,
  option: Option,
  name: string,
  value: string | undefined,
): void => {
  if (value === '') command.error(`option '${option.flags}' has an empty value`);
  // A lone `-` too: no option reads stdin or writes stdout, so it would name a file.
  // And a negative number: no option takes one, and as an epoch it would be a name.
  if (value?.startsWith('-')) {
    const hint = `if that is its value, write ${name}=${value}`;
    command.error(`option '${option.flags}' is followed by '${value}'; ${hint}`);
  }
};

const nextOf = (rest: Iterator<string>): string | undefined => {
  const next = rest.next();
  return next.done ? undefined : next.value;
};

/** `--epoch spring --epoch summer`: the last one would win, and a restart is for good. */
const checkOnce = (command: Command, option: Option, before: string | undefined, value: string) => {
  if (before === undefined || before === value || option instanceof RepeatableOption) return;
  const values = `${JSON.stringify(before)} and ${JSON.stringify(value)}`;
  command.error(`option '${option.flags}' is given twice: ${values}`);
};

/**
 * Checks the values of all options that `program` and its commands declare. A value that starts
 * with `-` must be joined to its option: `--epoch=-x`.
 * @param args - without `--` and what follows it
 * @throws what `program` throws for a mistake
 */
export const checkOptionValues = (program: Command, args: readonly string[]): void => {
  let command = program;
  const rest = args[Symbol.iterator]();
  const given = new Map<Option, string>();
  for (const arg of rest) {
    const [, name = arg, joined] = /^(--[^=]+)=(.*)$/s.exec(arg) ?? [];
    const option = command.options.find(({ short, long }) => name === short || name === long);
    if (!option) command = command.commands.find(each => each.name() === arg) ?? command;
    else if (option.required) {
      const value = joined ?? nextOf(rest);
      if (joined === undefined || joined === '') checkValue(command, option, name, value);
      if (value === undefined) return;
      checkOnce(command, option, given.get(option), value);
      given.set(option, value);
    }
  }
};
