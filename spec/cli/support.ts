/** The command line in this process, with the text that a user would see. */
import { makeChainPowers } from '../../lib/cli/chain/chain-powers.js';
import { parseCommandLine } from '../../lib/cli/args.js';
import { runCommandLine } from '../../lib/cli/commands.js';
import { exitCodes } from '../../lib/cli/exit-codes.js';

export interface CommandOutcome {
  /** The exit status. */
  readonly code: number;
  readonly text: string;
  readonly warnings: readonly string[];
}

const runWith = async (
  columns: number | undefined,
  args: readonly string[],
): Promise<CommandOutcome> => {
  const lines: string[] = [];
  const warnings: string[] = [];
  let code = 0;
  await runCommandLine(parseCommandLine(args), {
    columns,
    print: text => void lines.push(text),
    warn: text => void warnings.push(text),
    now: () => 0,
    clock: () => 0n,
    fail: (given = exitCodes.failure) => void (code = given),
    chain: makeChainPowers('no program'),
    progress: { update: () => undefined, end: () => undefined },
    interruption: () => new AbortController().signal,
  });
  return { code, text: lines.join('\n'), warnings };
};

/** Runs one command. @throws what the command throws */
export const runCommand = (...args: readonly string[]): Promise<CommandOutcome> =>
  runWith(undefined, args);

/** The same on a terminal of this width. */
export const runOnTerminal = (
  columns: number,
  ...args: readonly string[]
): Promise<CommandOutcome> => runWith(columns, args);
