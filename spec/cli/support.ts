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

/** Time for the vats of commands that run vats. */
export const wallClock = { seconds: 0n };

/** Runs one command. @throws what the command throws */
export const runCommand = async (...args: readonly string[]): Promise<CommandOutcome> => {
  const lines: string[] = [];
  const warnings: string[] = [];
  let code = 0;
  await runCommandLine(parseCommandLine(args), {
    print: text => void lines.push(text),
    warn: text => void warnings.push(text),
    now: () => 0,
    clock: () => wallClock.seconds,
    fail: (given = exitCodes.failure) => void (code = given),
    chain: makeChainPowers('no program'),
    progress: { update: () => undefined, end: () => undefined },
    interruption: () => new AbortController().signal,
  });
  return { code, text: lines.join('\n'), warnings };
};
