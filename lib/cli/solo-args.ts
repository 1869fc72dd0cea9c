/** The commands of the solo server: `start`, and `send` and `result`, which ask one that runs. */
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { GivenPlatform } from '../platform-epoch/platform-options.js';
import type { PlatformEpoch } from '../types/platform-epoch.js';
import { addCommand, whenParsed, wholeNumberUpTo } from './command.js';
import type { CommonArgs } from './command.js';
import { blockComputronsOption } from './block-options.js';
import { resultPage, sendPage, startPage } from './help/solo-pages.js';
import { addPlatformOptions, readPlatformArgs } from './platform-args.js';
import { addRestartOptions, epochOption, modeOption, readRestartArgs } from './restart-args.js';
import type { RestartArgs } from './restart-args.js';
import { addSlogOptions, readSlogArgs } from './slog-args.js';
import type { SlogArgs } from './slog-args.js';

export interface StartServerArgs extends CommonArgs, RestartArgs {
  readonly command: 'start';
  readonly platform: GivenPlatform;
  /** Needed only when there is no swingset yet. */
  readonly config: string | undefined;
  readonly epoch: PlatformEpoch | undefined;
  readonly worker: 'xsnap' | 'local' | undefined;
  readonly slog: SlogArgs | undefined;
  readonly strict: boolean;
  readonly argv: readonly string[];
  readonly port: number;
  /** Seconds. */
  readonly blockInterval: number;
  readonly blockComputrons: number | undefined;
}

export interface SendArgs extends CommonArgs {
  readonly command: 'send';
  readonly vat: string;
  readonly method: string;
  /** JSON. */
  readonly args: readonly unknown[];
  /** Seconds; 0 does not wait. */
  readonly wait: number;
}

export interface ResultArgs extends CommonArgs {
  readonly command: 'result';
  readonly kpid: string;
  /** Seconds; 0 does not wait. */
  readonly wait: number;
}

export type SoloArgs = StartServerArgs | SendArgs | ResultArgs;

type Found = (args: SoloArgs) => void;

interface StartValues {
  readonly epoch?: PlatformEpoch;
  readonly worker?: 'xsnap' | 'local';
  readonly strict?: true;
  readonly port?: number;
  readonly blockInterval?: number;
  readonly blockComputrons?: number;
}

/** Parser of `--port`. */
export const parsePort = (text: string): number => {
  if (/^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('Expected a number from 0 to 65535; 0 picks a free port.');
};

/** Parser of `--block-interval`. */
const parseSeconds = (text: string): number => {
  if (/^[0-9]{1,6}(\.[0-9]{1,3})?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected seconds, for example 5 or 0.5.');
};

const addStartCommand = (program: Command, argv: readonly string[], found: Found): void => {
  const start = addCommand(program, 'start', startPage)
    .argument(
      '[config]',
      'what a new swingset is made from: a swingset.json, or a directory with bootstrap.js and vat-*.js',
    )
    .addOption(epochOption("the platform's name or number; a new one restarts all vats"))
    .option('--port <port>', 'port on 127.0.0.1 and ::1 (default: a free one)', parsePort)
    .option(
      '--block-interval <seconds>',
      'seconds from one block to the next (default: each request makes a block)',
      parseSeconds,
    )
    .addOption(blockComputronsOption())
    .addOption(
      new Option(
        '--worker <type>',
        'worker of vats that name none (only when the swingset is made)',
      ).choices(['xsnap', 'local']),
    )
    .option('--strict', 'refuse a configuration with unknown fields')
    .addOption(modeOption().helpGroup('Restart options:'));
  addPlatformOptions(addSlogOptions(addRestartOptions(start)));
  whenParsed<StartValues>(
    start,
    (common, values, [config]) =>
      found({
        command: 'start',
        ...common,
        config,
        epoch: values.epoch,
        worker: values.worker,
        slog: readSlogArgs(start),
        strict: values.strict ?? false,
        argv,
        port: values.port ?? 0,
        blockInterval: values.blockInterval ?? 0,
        blockComputrons: values.blockComputrons,
        ...readRestartArgs(start),
        platform: readPlatformArgs(start),
      }),
    '; arguments of the bootstrap vat come after --',
  );
};

/** The longest that the server lets an answer wait. */
const MAX_WAIT = 99;

const waitOption = (): Option =>
  new Option('--wait <seconds>', 'wait so long for the result').argParser(
    wholeNumberUpTo(MAX_WAIT),
  );

interface WaitValues {
  readonly wait?: number;
}

/** `5`, `true` and `{"a":1}` are JSON; anything that is no JSON is a text. */
const readArgument = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

const addSendCommand = (program: Command, argv: readonly string[], found: Found): void => {
  const send = addCommand(program, 'send', sendPage)
    .argument('<vat>', 'name of a static vat, or a vatID')
    .argument('<method>', "method of the vat's root object")
    .argument('[args...]', 'JSON, or else texts; those that begin with - come after --')
    .addOption(waitOption());
  whenParsed<WaitValues>(send, (common, { wait = 0 }, [vat = '', method = '', ...args]) =>
    found({
      command: 'send',
      ...common,
      vat,
      method,
      args: [...args, ...argv].map(readArgument),
      wait,
    }),
  );
};

const addResultCommand = (program: Command, found: Found): void => {
  const result = addCommand(program, 'result', resultPage)
    .argument('<kpid>', 'the promise that `send` printed, for example kp40')
    .addOption(waitOption());
  whenParsed<WaitValues>(result, (common, { wait = 0 }, [kpid = '']) =>
    found({ command: 'result', ...common, kpid, wait }),
  );
};

export const addSoloCommands = (program: Command, argv: readonly string[], found: Found): void => {
  addStartCommand(program, argv, found);
  addSendCommand(program, argv, found);
  addResultCommand(program, found);
};
