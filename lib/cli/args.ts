/** The command line, parsed and checked. The commands themselves are in `commands.ts`. */
import { Command, CommanderError, Option } from 'commander';
import type { OutputConfiguration } from 'commander';
import { packageVersion } from '../package-paths.js';
import type { PlatformEpoch } from '../types/platform-epoch.js';
import type { GivenPlatform } from '../platform-epoch/platform-options.js';
import { addActionCommands, addBundleInstallCommand, type ActionArgs } from './action-args.js';
import { addChainCommands } from './chain/chain-args.js';
import type { ChainArgs } from './chain/chain-args.js';
import {
  addBareCommand,
  addCommand,
  reportMistakes,
  whenParsed,
  wholeNumberUpTo,
} from './command.js';
import type { CommonArgs } from './command.js';
import type { EpochImagesArgs } from './epoch-images.js';
import { bundlePage } from './help/action-pages.js';
import {
  epochImagesPage,
  epochPage,
  epochsPage,
  paramsPage,
  programPage,
  rehearsePage,
  runPage,
  statusPage,
} from './help/kernel-pages.js';
import { describeCommand, setHelpStyle, showHelp } from './help/page.js';
import { addInitCommand } from './init-args.js';
import type { InitArgs } from './init-args.js';
import { addBundleListCommand, addEpochPlanCommand, addLookCommands } from './look/look-args.js';
import type { LookArgs } from './look/look-args.js';
import { addInspectCommand } from './inspect-args.js';
import type { InspectArgs } from './inspect-args.js';
import { checkOptionValues } from './option-values.js';
import { addPlatformOptions, readPlatformArgs } from './platform-args.js';
import { addRestartOptions, epochOption, modeOption, readRestartArgs } from './restart-args.js';
import type { RestartArgs } from './restart-args.js';
import { addSlogOptions, readSlogArgs } from './slog-args.js';
import type { SlogArgs } from './slog-args.js';
import { addSoloCommands } from './solo-args.js';
import type { SoloArgs } from './solo-args.js';
import { addStoreCommands } from './store-args.js';
import type { StoreArgs } from './store-args.js';
import { UsageError } from './usage-error.js';

export interface RunArgs extends CommonArgs, RestartArgs {
  readonly command: 'run';
  readonly platform: GivenPlatform;
  /** Needed only when there is no swingset yet. */
  readonly config: string | undefined;
  readonly epoch: PlatformEpoch | undefined;
  readonly reset: boolean;
  readonly worker: 'xsnap' | 'local' | undefined;
  readonly slog: SlogArgs | undefined;
  /** Unknown fields of the configuration are errors. */
  readonly strict: boolean;
  readonly argv: readonly string[];
}

export interface RehearseArgs extends CommonArgs, RestartArgs {
  readonly command: 'rehearse';
  readonly platform: GivenPlatform;
  readonly epoch: PlatformEpoch;
  /** File for the page. */
  readonly html: string | undefined;
  /** Directory for the copy. */
  readonly tempDir: string | undefined;
  readonly crankLimit: number | undefined;
  /** How many blocks run after the restart. */
  readonly blocks: number | undefined;
}

export interface ParamsArgs extends CommonArgs {
  readonly command: 'params';
  readonly vat: string;
}

export type CliArgs =
  | InitArgs
  | RunArgs
  | RehearseArgs
  | ParamsArgs
  | EpochImagesArgs
  | LookArgs
  | InspectArgs
  | SoloArgs
  | ActionArgs
  | StoreArgs
  | ChainArgs
  | (CommonArgs & { readonly command: 'status' | 'epochs' })
  /** Help, or the version. */
  | { readonly command: 'print'; readonly text: string };

type Found = (args: CliArgs) => void;

interface RunValues {
  readonly epoch?: PlatformEpoch;
  readonly reset?: true;
  readonly worker?: 'xsnap' | 'local';
  readonly strict?: true;
}

const addRunCommand = (program: Command, argv: readonly string[], found: Found): void => {
  const run = addCommand(program, 'run', runPage)
    .argument(
      '[config]',
      'what a new swingset is made from: a swingset.json, or a directory with bootstrap.js and vat-*.js',
    )
    .addOption(epochOption("the platform's name or number; a new one restarts all vats"))
    .option('--reset', 'make a new swingset from [config], and throw away the one in <dir>')
    .addOption(
      new Option(
        '--worker <type>',
        'worker of vats that name none (only when the swingset is made)',
      ).choices(['xsnap', 'local']),
    )
    .option('--strict', 'refuse a configuration with unknown fields')
    .addOption(modeOption().helpGroup('Restart options:'));
  addPlatformOptions(addSlogOptions(addRestartOptions(run)));
  whenParsed<RunValues>(
    run,
    (common, { epoch, reset = false, worker, strict = false }, [config]) => {
      const restart = readRestartArgs(run);
      if (reset && config === undefined) {
        run.error("option '--reset' needs [config], from which the new swingset is made");
      }
      found({
        command: 'run',
        ...common,
        config,
        epoch,
        reset,
        worker,
        slog: readSlogArgs(run),
        strict,
        argv,
        ...restart,
        platform: readPlatformArgs(run),
      });
    },
    '; arguments of the bootstrap vat come after --',
  );
};

interface RehearseValues {
  readonly epoch: PlatformEpoch;
  readonly html?: string;
  readonly tempDir?: string;
  readonly crankLimit?: number;
  readonly blocks?: number;
}

const addRehearseCommand = (program: Command, found: Found): void => {
  const rehearse = addCommand(program, 'rehearse', rehearsePage)
    .addOption(epochOption("the platform's next name or number").makeOptionMandatory())
    .option(
      '--blocks <n>',
      'run so many blocks of what is queued after the restart, 65,000,000 computrons each',
      wholeNumberUpTo(1_000_000),
    )
    .option('--html <file>', 'write the report as a page')
    .option('--temp-dir <dir>', 'where the copy is made, which is as large as the store')
    .option(
      '--crank-limit <n>',
      'computrons that a vat without a meter may use in one crank (default: 1,000,000,000)',
      wholeNumberUpTo(Number.MAX_SAFE_INTEGER),
    )
    .addOption(modeOption().helpGroup('Restart options:'));
  whenParsed<RehearseValues>(
    addPlatformOptions(addRestartOptions(rehearse)),
    (common, { epoch, html, tempDir, crankLimit, blocks }) =>
      found({
        command: 'rehearse',
        ...common,
        epoch,
        html,
        tempDir,
        crankLimit,
        blocks,
        ...readRestartArgs(rehearse),
        platform: readPlatformArgs(rehearse),
      }),
  );
};

const addEpochCommands = (program: Command, found: Found): void => {
  const epoch = addBareCommand(program, 'epoch', epochPage);
  addEpochPlanCommand(epoch, found);
  const images = addCommand(epoch, 'images', epochImagesPage);
  whenParsed(images, common => found({ command: 'epoch images', ...common }));
};

const addBundleCommands = (program: Command, found: Found): void => {
  const bundle = addBareCommand(program, 'bundle', bundlePage);
  addBundleListCommand(bundle, found);
  addBundleInstallCommand(bundle, found);
};

const makeProgram = (
  argv: readonly string[],
  output: OutputConfiguration,
  found: Found,
): Command => {
  const program = setHelpStyle(reportMistakes(new Command('swingset-kernel')))
    .configureOutput(output)
    .version(packageVersion(), '-V, --version', 'show the version');
  describeCommand(program, programPage);
  addInitCommand(program, argv, found);
  addRunCommand(program, argv, found);
  whenParsed(addCommand(program, 'status', statusPage), common =>
    found({ command: 'status', ...common }),
  );
  whenParsed(addCommand(program, 'epochs', epochsPage), common =>
    found({ command: 'epochs', ...common }),
  );
  whenParsed(
    addCommand(program, 'params', paramsPage).argument(
      '<vat>',
      'a vatID, or a name that only one vat has',
    ),
    (common, _values, [vat = '']) => found({ command: 'params', ...common, vat }),
  );
  addRehearseCommand(program, found);
  addEpochCommands(program, found);
  addLookCommands(program, found);
  addSoloCommands(program, argv, found);
  addActionCommands(program, found);
  addBundleCommands(program, found);
  addInspectCommand(program, found);
  addStoreCommands(program, found);
  addChainCommands(program, argv, found);
  return program;
};

/** Commands that take arguments after `--`. */
const TAKES_ARGV: readonly CliArgs['command'][] = [
  'init',
  'run',
  'start',
  'send',
  'chain init',
  'chain testnet',
  'chain tx message',
];

/** What follows `--` is for the bootstrap vat, or for the facet that gets a message. */
const split = (args: readonly string[]): readonly [string[], string[]] => {
  const at = args.indexOf('--');
  return at < 0 ? [[...args], []] : [args.slice(0, at), args.slice(at + 1)];
};

/**
 * @param columns - Width of help texts.
 * @throws UsageError
 */
export const parseCommandLine = (args: readonly string[], columns = 80): CliArgs => {
  const [own, argv] = split(args);
  const found: CliArgs[] = [];
  let text = '';
  const output = {
    writeOut: (part: string) => (text += part),
    writeErr: () => undefined,
    getOutHelpWidth: () => columns,
  };
  const program = makeProgram(argv, output, each => found.push(each));
  try {
    checkOptionValues(program, own);
    if (own[0] === 'help') showHelp(program, own.slice(1));
    program.parse(own.length === 0 ? ['--help'] : own, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return { command: 'print', text: text.trimEnd() };
    throw error;
  }
  const [result] = found;
  if (!result) throw new UsageError('no command given');
  if (argv.length > 0 && !TAKES_ARGV.includes(result.command)) {
    const command = `swingset-kernel ${result.command}`;
    throw new UsageError(`${result.command} takes no arguments after --`, command);
  }
  return result;
};
