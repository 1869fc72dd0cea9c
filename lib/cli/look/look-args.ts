/** The commands that only look at a swingset: their options and operands. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { VAT_STATES } from '../../host/vat-list.js';
import type { VatFilter } from '../../host/vat-list.js';
import { addCommand, whenParsed, wholeNumberUpTo } from '../command.js';
import type { CommonArgs } from '../command.js';
import {
  bundleListPage,
  epochPlanPage,
  kernelDumpPage,
  platformPage,
  replayPage,
  vatPage,
  vatsPage,
} from '../help/look-pages.js';
import type { GivenPlatform } from '../../platform-epoch/platform-options.js';
import type { PlatformEpoch } from '../../types/platform-epoch.js';
import { addPlatformOptions, readPlatformArgs } from '../platform-args.js';
import { addRestartOptions, epochOption, modeOption, readRestartArgs } from '../restart-args.js';
import type { RestartArgs } from '../restart-args.js';
import { addSlogCommands } from './slog-args.js';
import type { SlogArgs } from './slog-args.js';

export interface VatsArgs extends CommonArgs {
  readonly command: 'vats';
  readonly filter: VatFilter;
}

export interface VatArgs extends CommonArgs {
  readonly command: 'vat';
  readonly vat: string;
  /** How many waiting events are described. */
  readonly events: number;
}

export interface EpochPlanArgs extends CommonArgs, RestartArgs {
  readonly command: 'epoch plan';
  readonly platform: GivenPlatform;
  readonly epoch: PlatformEpoch;
}

export interface ReplayArgs extends CommonArgs {
  readonly command: 'replay';
  readonly vat: string;
  /** From the incarnation's start, and not from its last snapshot. */
  readonly wholeIncarnation: boolean;
}

export interface PlatformArgs extends CommonArgs {
  readonly command: 'platform';
}

export interface KernelDumpArgs extends CommonArgs {
  readonly command: 'kernel-dump';
}

export interface BundleListArgs extends CommonArgs {
  readonly command: 'bundle list';
}

export type LookArgs =
  | VatsArgs
  | VatArgs
  | EpochPlanArgs
  | ReplayArgs
  | PlatformArgs
  | KernelDumpArgs
  | BundleListArgs
  | SlogArgs;

type Found = (args: LookArgs) => void;

/** The operand of all commands that look at one vat. */
const VAT_OPERAND = ['<vat>', 'a vatID, or a name that only one vat has'] as const;

const addVatsCommand = (program: Command, found: Found): void => {
  const vats = addCommand(program, 'vats', vatsPage)
    .addOption(new Option('--state <state>', 'only vats in this state').choices(VAT_STATES))
    .addOption(
      new Option('--kind <kind>', 'only static or only dynamic vats').choices([
        'static',
        'dynamic',
      ]),
    )
    .addOption(
      new Option('--worker <type>', 'only vats with this worker').choices(['xsnap', 'local']),
    )
    .option('--name <part>', 'only vats whose name contains this')
    .option('--waiting', 'only vats that events wait for')
    .option('--behind', "only vats on another platform than the last epoch's");
  whenParsed<VatFilter>(vats, (common, { state, kind, worker, name, waiting, behind }) =>
    found({
      command: 'vats',
      ...common,
      filter: {
        ...(state !== undefined && { state }),
        ...(kind !== undefined && { kind }),
        ...(worker !== undefined && { worker }),
        ...(name !== undefined && { name }),
        ...(waiting !== undefined && { waiting }),
        ...(behind !== undefined && { behind }),
      },
    }),
  );
};

/** How many events `vat` describes unless it is told. */
const EVENTS_SHOWN = 10;

const addVatCommand = (program: Command, found: Found): void => {
  const vat = addCommand(program, 'vat', vatPage)
    .argument(...VAT_OPERAND)
    .option(
      '--events <n>',
      `describe so many of the events that wait (default: ${EVENTS_SHOWN})`,
      wholeNumberUpTo(1_000_000),
    );
  whenParsed<{ events?: number }>(vat, (common, { events = EVENTS_SHOWN }, [name = '']) =>
    found({ command: 'vat', ...common, vat: name, events }),
  );
};

const addReplayCommand = (program: Command, found: Found): void => {
  const replay = addCommand(program, 'replay', replayPage)
    .argument(...VAT_OPERAND)
    .option('--incarnation', "begin at the incarnation's start, and not at its last snapshot");
  whenParsed<{ incarnation?: true }>(
    replay,
    (common, { incarnation: wholeIncarnation = false }, [vat = '']) =>
      found({ command: 'replay', ...common, vat, wholeIncarnation }),
  );
};

/** @param epoch - the group of commands */
export const addEpochPlanCommand = (epoch: Command, found: Found): void => {
  const plan = addCommand(epoch, 'plan', epochPlanPage)
    .addOption(epochOption("the platform's next name or number").makeOptionMandatory())
    .addOption(modeOption().helpGroup('Restart options:'));
  whenParsed<{ epoch: PlatformEpoch }>(
    addPlatformOptions(addRestartOptions(plan)),
    (common, { epoch: given }) =>
      found({
        command: 'epoch plan',
        ...common,
        epoch: given,
        ...readRestartArgs(plan),
        platform: readPlatformArgs(plan),
      }),
  );
};

/** @param bundle - the group of commands */
export const addBundleListCommand = (bundle: Command, found: Found): void =>
  whenParsed(addCommand(bundle, 'list', bundleListPage), common =>
    found({ command: 'bundle list', ...common }),
  );

export const addLookCommands = (program: Command, found: Found): void => {
  addVatsCommand(program, found);
  addVatCommand(program, found);
  addReplayCommand(program, found);
  whenParsed(addCommand(program, 'platform', platformPage), common =>
    found({ command: 'platform', ...common }),
  );
  whenParsed(addCommand(program, 'kernel-dump', kernelDumpPage), common =>
    found({ command: 'kernel-dump', ...common }),
  );
  addSlogCommands(program, found);
};
