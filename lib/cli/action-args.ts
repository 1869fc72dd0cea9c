/** The commands that change a swingset: they ask the server that runs on it, or open the store. */
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { blockComputronsOption } from './block-options.js';
import { addCommand, whenParsed, wholeNumberUpTo } from './command.js';
import type { CommonArgs } from './command.js';
import { actionPages } from './help/action-pages.js';

interface VatArgs extends CommonArgs {
  /** A vatID or a name. */
  readonly vat: string;
}

interface StartingArgs extends VatArgs {
  /** JSON, in the notation of vat parameters. Undefined: those that the vat has retained. */
  readonly parameters: unknown;
  readonly message: string | undefined;
}

/** Where the code of an upgrade comes from. Exactly one is given. */
interface CodeArgs {
  readonly bundle: string | undefined;
  readonly source: string | undefined;
  readonly bundleID: string | undefined;
}

export interface ServiceArgs extends VatArgs {
  readonly command: 'suspend' | 'resume';
}

export interface RestartVatArgs extends StartingArgs {
  readonly command: 'restart';
}

export interface UpgradeArgs extends StartingArgs, CodeArgs {
  readonly command: 'upgrade';
}

export interface TerminateArgs extends VatArgs {
  readonly command: 'terminate';
  readonly reason: string | undefined;
}

export interface DrainArgs extends CommonArgs {
  readonly command: 'drain';
  /** At most so many. */
  readonly blocks: number;
  /** Undefined: as the solo server's. */
  readonly blockComputrons: number | undefined;
}

export interface DropArgs extends CommonArgs {
  readonly command: 'drop';
  /** Undefined: the run-queue. */
  readonly vat: string | undefined;
  /** 1 is the first. */
  readonly position: number;
  /** Undefined: a new file in the home. */
  readonly save: string | undefined;
  /** Without it, nothing is dropped. */
  readonly yes: boolean;
}

export interface BundleInstallArgs extends CommonArgs {
  readonly command: 'bundle install';
  readonly file: string;
  /** The ID that it must have. */
  readonly bundleID: string | undefined;
}

export type ActionArgs =
  | ServiceArgs
  | RestartVatArgs
  | UpgradeArgs
  | TerminateArgs
  | DrainArgs
  | DropArgs
  | BundleInstallArgs;

const COMMANDS: readonly string[] = [
  'suspend',
  'resume',
  'restart',
  'upgrade',
  'terminate',
  'drain',
  'drop',
  'bundle install',
] satisfies ActionArgs['command'][];

export const isActionCommand = <Args extends { readonly command: string }>(
  args: Args | ActionArgs,
): args is ActionArgs => COMMANDS.includes(args.command);

type Found = (args: ActionArgs) => void;

const MANY = 1_000_000;
const DEFAULT_BLOCKS = 1_000;

/** Parser of `--parameters`. */
const parseParameters = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InvalidArgumentError('Expected JSON, for example \'{"limit":10}\'.');
  }
};

const addVatCommand = (program: Command, name: keyof typeof actionPages): Command =>
  addCommand(program, name, actionPages[name]).argument(
    '<vat>',
    'a vatID, or a name that only one vat has',
  );

const addStartOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--parameters <json>',
        'what the vat starts with (default: what it has retained; see `params`)',
      ).argParser(parseParameters),
    )
    .option('--message <text>', "told to those who await the vat's old incarnation");

interface StartValues {
  readonly parameters?: unknown;
  readonly message?: string;
}

const addService = (program: Command, command: 'suspend' | 'resume', found: Found): void =>
  whenParsed(addVatCommand(program, command), (common, _values, [vat = '']) =>
    found({ command, ...common, vat }),
  );

const addRestart = (program: Command, found: Found): void =>
  whenParsed<StartValues>(
    addStartOptions(addVatCommand(program, 'restart')),
    (common, { parameters, message }, [vat = '']) =>
      found({ command: 'restart', ...common, vat, parameters, message }),
  );

interface CodeValues {
  readonly bundle?: string;
  readonly source?: string;
  readonly bundleId?: string;
}

const addUpgrade = (program: Command, found: Found): void => {
  const upgrade = addVatCommand(program, 'upgrade')
    .option('--bundle <file>', 'the new code: a bundle, as JSON')
    .option('--source <module>', 'the new code: a module, which is bundled first')
    .option('--bundle-id <id>', 'the new code: the ID of a bundle that is installed');
  whenParsed<StartValues & CodeValues>(
    addStartOptions(upgrade),
    (common, { bundle, source, bundleId: bundleID, parameters, message }, [vat = '']) => {
      if ([bundle, source, bundleID].filter(each => each !== undefined).length !== 1) {
        upgrade.error('give one of --bundle <file>, --source <module> and --bundle-id <id>');
      }
      const code = { bundle, source, bundleID };
      found({ command: 'upgrade', ...common, vat, ...code, parameters, message });
    },
  );
};

const addTerminate = (program: Command, found: Found): void => {
  const terminate = addVatCommand(program, 'terminate')
    .option('--reason <text>', 'told to those who await the end of the vat')
    .option('--yes', 'end it: a vat that has ended can not come back');
  whenParsed<{ readonly reason?: string; readonly yes?: true }>(
    terminate,
    (common, { reason, yes }, [vat = '']) => {
      if (!yes) terminate.error(`${vat} would end for good: if you mean it, add --yes`);
      found({ command: 'terminate', ...common, vat, reason });
    },
  );
};

interface DrainValues {
  readonly blocks?: number;
  readonly blockComputrons?: number;
}

const addDrain = (program: Command, found: Found): void => {
  const drain = addCommand(program, 'drain', actionPages.drain)
    .option(
      '--blocks <n>',
      `run at most so many blocks (default: ${DEFAULT_BLOCKS})`,
      wholeNumberUpTo(MANY),
    )
    .addOption(blockComputronsOption());
  whenParsed<DrainValues>(drain, (common, { blocks = DEFAULT_BLOCKS, blockComputrons }) =>
    found({ command: 'drain', ...common, blocks, blockComputrons }),
  );
};

interface DropValues {
  readonly position?: number;
  readonly save?: string;
  readonly yes?: true;
}

const addDrop = (program: Command, found: Found): void => {
  const drop = addCommand(program, 'drop', actionPages.drop)
    .argument('[vat]', 'the vat out of service that it waits for (default: the run-queue)')
    .option(
      '--position <n>',
      'which event of the queue; 1, the default, is the first',
      wholeNumberUpTo(MANY),
    )
    .option('--save <file>', 'where its text is saved (default: a new file in <dir>/dropped)')
    .option('--yes', 'drop it, and not only show it');
  whenParsed<DropValues>(drop, (common, { position = 1, save, yes = false }, [vat]) =>
    found({ command: 'drop', ...common, vat, position, save, yes }),
  );
};

/** @param bundle - the group of commands */
export const addBundleInstallCommand = (bundle: Command, found: Found): void => {
  const install = addCommand(bundle, 'install', actionPages['bundle install'])
    .argument('<file>', 'a bundle, as JSON')
    .option('--bundle-id <id>', 'refuse a bundle with another ID');
  whenParsed<{ readonly bundleId?: string }>(
    install,
    (common, { bundleId: bundleID }, [file = '']) =>
      found({ command: 'bundle install', ...common, file, bundleID }),
  );
};

export const addActionCommands = (program: Command, found: Found): void => {
  addDrain(program, found);
  addService(program, 'suspend', found);
  addService(program, 'resume', found);
  addRestart(program, found);
  addUpgrade(program, found);
  addTerminate(program, found);
  addDrop(program, found);
};
