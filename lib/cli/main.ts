/** Entry point of `swingset-kernel`: the only file of the command line that holds ambient powers. */
import '@endo/init';
import '../endo-environment/load.js';
import { runCommandLine } from './commands.js';
import { UsageError, parseCommandLine } from './args.js';
import { printableLines } from '../printable.js';
import { listenForInterruption } from './store-interruption.js';
import { makeProgress } from './store-progress.js';

/** The process was used wrongly, or what it was asked to do went wrong. */
const exitCodes = { usage: 2, failure: 1 } as const;

const describe = (error: unknown): string =>
  printableLines(error instanceof Error ? error.message : String(error));

const main = async (args: readonly string[]): Promise<void> => {
  const progress = makeProgress(process.stderr, {
    now: () => performance.now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms).unref();
      return () => clearTimeout(timer);
    },
  });
  try {
    await runCommandLine(parseCommandLine(args), {
      print: text => console.log(text),
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
    if (own.includes('--debug')) console.error(error);
    else console.error(`swingset-kernel: ${describe(error)}`);
    if (error instanceof UsageError) console.error('Try swingset-kernel --help');
    process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failure;
  }
};

await main(process.argv.slice(2));
