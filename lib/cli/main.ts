/** Entry point of `swingset-kernel`. No other file of the command line holds ambient powers. */
import './init.js';
import { fstatSync, writeSync } from 'node:fs';
import '../endo-environment/load.js';
import { errorText } from '../errors.js';
import { makeSafeConsole } from '../controller/outlets.js';
import { runCommandLine } from './commands.js';
import { parseCommandLine } from './args.js';
import { makeChainPowers } from './chain/chain-powers.js';
import type { CliArgs } from './args.js';
import { exitCodes } from './exit-codes.js';
import { messageFor } from './flag-words.js';
import { makeOutput } from './output.js';
import { listenForInterruption } from './store-interruption.js';
import { makeProgress } from './store-progress.js';
import { UsageError } from './usage-error.js';

/** Undefined as well for a terminal that does not know its width and says 0. */
const columns = process.stdout.columns || undefined;

const isFile = (fd: number): boolean => {
  const stats = fstatSync(fd);
  return !stats.isFIFO() && !stats.isSocket();
};

const output = makeOutput(
  process.stdout,
  !process.stdout.isTTY && isFile(1) ? bytes => writeSync(1, bytes) : undefined,
);

/** All output of the commands goes through it. */
const terminal = makeSafeConsole({
  ...console,
  log: (text: unknown) => output.print(String(text)),
});

/** Whose help page says what is allowed. */
const helpOf = (error: UsageError, command: string | undefined): string =>
  error.command ?? ['swingset-kernel', ...(command === undefined ? [] : [command])].join(' ');

const main = async (args: readonly string[]): Promise<void> => {
  const progress = makeProgress(process.stderr, {
    now: () => performance.now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms).unref();
      return () => clearTimeout(timer);
    },
  });
  let command: CliArgs['command'] | undefined;
  try {
    const parsed = parseCommandLine(args, columns);
    command = parsed.command;
    await runCommandLine(parsed, {
      columns,
      print: text => terminal.log(text),
      warn: text => terminal.error(`swingset-kernel: warning: ${text}`),
      now: () => performance.now(),
      clock: () => BigInt(Math.floor(Date.now() / 1000)),
      fail: (code = exitCodes.failure) => {
        process.exitCode = code;
      },
      progress,
      interruption: () => listenForInterruption(process),
      chain: makeChainPowers(process.argv[1] ?? ''),
    });
  } catch (error) {
    progress.end();
    const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
    if (own.includes('--debug')) terminal.error(error);
    else terminal.error(`swingset-kernel: ${messageFor(command, errorText(error))}`);
    if (error instanceof UsageError) terminal.error(`Try ${helpOf(error, command)} --help`);
    process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failure;
  }
};

/** Settles when everything written before is flushed, or can't be. */
const drained = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise(resolve => {
    if (stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });

// A reader that is gone must not stop a run.
process.stderr.on('error', () => undefined);
await main(process.argv.slice(2));
await drained(process.stdout);
const problem = output.problem();
if (problem !== undefined) {
  terminal.error(`swingset-kernel: the output is not complete: ${problem}`);
  process.exitCode ||= exitCodes.failure;
}
await drained(process.stderr);
// Something may still keep the process alive, but the command is done.
process.exit();
