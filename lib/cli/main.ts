/** Entry point of `swingset-kernel`: the only file of the command line that holds ambient powers. */
import './init.js';
import '../endo-environment/load.js';
import { errorText } from '../errors.js';
import { makeSafeConsole } from '../controller/outlets.js';
import { runCommandLine } from './commands.js';
import { parseCommandLine } from './args.js';
import { listenForInterruption } from './store-interruption.js';
import { makeProgress } from './store-progress.js';
import { UsageError } from './usage-error.js';

/** The process was used wrongly, or what it was asked to do went wrong. */
const exitCodes = { usage: 2, failure: 1 } as const;

/** The door to the terminal: whatever the commands print goes through it. */
const terminal = makeSafeConsole(console);

const main = async (args: readonly string[]): Promise<void> => {
  const progress = makeProgress(process.stderr, {
    now: () => performance.now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms).unref();
      return () => clearTimeout(timer);
    },
  });
  try {
    await runCommandLine(parseCommandLine(args, process.stdout.columns), {
      print: text => terminal.log(text),
      now: () => performance.now(),
      fail: () => {
        process.exitCode = exitCodes.failure;
      },
      progress,
      interruption: () => listenForInterruption(process),
    });
  } catch (error) {
    progress.end();
    const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
    if (own.includes('--debug')) terminal.error(error);
    else terminal.error(`swingset-kernel: ${errorText(error)}`);
    if (error instanceof UsageError) terminal.error(`Try ${error.command} --help`);
    process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failure;
  }
};

/** Settles when what was written before is out, or can't get out any more. */
const drained = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise(resolve => {
    if (stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });

for (const stream of [process.stdout, process.stderr]) {
  // A reader that is gone (`| head`) is no reason to stop in the midst of a run.
  stream.on('error', () => undefined);
}
await main(process.argv.slice(2));
await Promise.all([process.stdout, process.stderr].map(drained));
// Whatever is left that would keep the process alive: the command has said its last word.
process.exit();
