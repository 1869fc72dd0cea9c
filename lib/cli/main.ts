/** Entry point of `swingset-kernel`. No other file of the command line holds ambient powers. */
import './init.js';
import '../endo-environment/load.js';
import { errorText } from '../errors.js';
import { makeSafeConsole } from '../controller/outlets.js';
import { runCommandLine } from './commands.js';
import { parseCommandLine } from './args.js';
import { makeChainPowers } from './chain/chain-powers.js';
import type { CliArgs } from './args.js';
import { exitCodes } from './exit-codes.js';
import { messageFor } from './flag-words.js';
import { listenForInterruption } from './store-interruption.js';
import { makeProgress } from './store-progress.js';
import { UsageError } from './usage-error.js';

/** All output of the commands goes through it. */
const terminal = makeSafeConsole(console);

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
    const parsed = parseCommandLine(args, process.stdout.columns);
    command = parsed.command;
    await runCommandLine(parsed, {
      columns: process.stdout.columns,
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
    if (error instanceof UsageError) terminal.error(`Try ${error.command} --help`);
    process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failure;
  }
};

/** Settles when everything written before is flushed, or can't be. */
const drained = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise(resolve => {
    if (stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });

for (const stream of [process.stdout, process.stderr]) {
  // A reader that is gone (`| head`) must not stop a run.
  stream.on('error', () => undefined);
}
await main(process.argv.slice(2));
await Promise.all([process.stdout, process.stderr].map(drained));
// Something may still keep the process alive, but the command is done.
process.exit();
