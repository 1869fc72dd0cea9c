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

export interface StartedCommand {
  /** What it has printed so far. */
  readonly text: () => string;
  /** What Ctrl-C does. */
  readonly interrupt: () => void;
  /** Rejects with what the command throws. */
  readonly ended: Promise<CommandOutcome>;
}

const startWith = (columns: number | undefined, args: readonly string[]): StartedCommand => {
  const lines: string[] = [];
  const warnings: string[] = [];
  const stop = new AbortController();
  let code = 0;
  const text = () => lines.join('\n');
  const run = async (): Promise<CommandOutcome> => {
    await runCommandLine(parseCommandLine(args), {
      columns,
      print: line => void lines.push(line),
      warn: line => void warnings.push(line),
      now: () => 0,
      clock: () => 0n,
      fail: (given = exitCodes.failure) => void (code = given),
      chain: makeChainPowers('no program'),
      progress: { update: () => undefined, end: () => undefined },
      interruption: () => stop.signal,
    });
    return { code, text: text(), warnings };
  };
  return { text, interrupt: () => stop.abort(), ended: run() };
};

const runWith = (columns: number | undefined, args: readonly string[]): Promise<CommandOutcome> =>
  startWith(columns, args).ended;

/** Starts a command that runs until it is interrupted. */
export const startCommand = (...args: readonly string[]): StartedCommand =>
  startWith(undefined, args);

/** Runs one command. @throws what the command throws */
export const runCommand = (...args: readonly string[]): Promise<CommandOutcome> =>
  runWith(undefined, args);

/** The same on a terminal of this width. */
export const runOnTerminal = (
  columns: number,
  ...args: readonly string[]
): Promise<CommandOutcome> => runWith(columns, args);
