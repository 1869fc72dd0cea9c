/** The command line, parsed and checked. */
import { parseArgs } from 'node:util';
import type { PlatformEpoch } from '../types/platform-epoch.js';
import {
  isStoreCommand,
  readStoreArgs,
  storeOptionTypes,
  storeRules,
  storeUsage,
} from './store-args.js';
import type { StoreArgs } from './store-args.js';
import { UsageError } from './usage-error.js';
import { paramsUsage } from './params.js';
import type { ParamsArgs } from './params.js';
import type { RehearseArgs } from './rehearse.js';
import { readRestartArgs, restartOptionTypes, restartUsage } from './restart-args.js';
import type { RestartArgs } from './restart-args.js';

export { UsageError } from './usage-error.js';

export const usage = `swingset-kernel: runs SwingSet vats, and restarts them when the platform epoch advances

  swingset-kernel run [<config>] --home <dir> [--epoch <name or number>] [-- <argv of the bootstrap vat>]
      Boots the swingset in <dir>, runs what is queued, commits. On the first call it is made of
      <config>: a swingset.json, or a directory of vat-*.js and bootstrap.js.
      --epoch <epoch>       what the platform is called now; another one than last time restarts all vats
      --lazy                only static vats restart at once, each other one with its first delivery
${restartUsage}
      --reset               throw away what is in <dir> and start anew
      --worker xsnap|local  what vats run in that name no worker of their own (first call only)
      --slog <file>         append the structured log, one JSON object per line
  swingset-kernel status --home <dir>       vats, incarnations, platform epoch
  swingset-kernel epochs --home <dir>       the epochs this swingset has lived through
${paramsUsage}
  swingset-kernel rehearse --home <dir> --epoch <name or number> [--html <file>]
      Restarts all vats of a copy for that epoch and says what became of each; exit code 0 if all
      restart. Takes the options of a restart as above.
      --html <file>         write the report as a page
      --temp-dir <dir>      where the copy is made, which is as large as the store
      --crank-limit <n>     computrons that a vat without a meter may use at a time (default 1,000,000,000)
${storeUsage}

  --json    print JSON instead of tables
  --debug   print the stack of an error`;

interface CommonArgs {
  readonly home: string;
  readonly json: boolean;
}

export interface RunArgs extends CommonArgs, RestartArgs {
  readonly command: 'run';
  /** Needed only where there is no swingset yet. */
  readonly config: string | undefined;
  readonly epoch: PlatformEpoch | undefined;
  readonly reset: boolean;
  readonly worker: 'xsnap' | 'local' | undefined;
  readonly slog: string | undefined;
  readonly argv: readonly string[];
}

export type CliArgs =
  | RunArgs
  | RehearseArgs
  | ParamsArgs
  | StoreArgs
  | (CommonArgs & { readonly command: 'status' | 'epochs' })
  | { readonly command: 'help' };

const optionTypes = {
  home: { type: 'string' },
  epoch: { type: 'string' },
  reset: { type: 'boolean' },
  worker: { type: 'string' },
  slog: { type: 'string' },
  html: { type: 'string' },
  'temp-dir': { type: 'string' },
  'crank-limit': { type: 'string' },
  ...restartOptionTypes,
  ...storeOptionTypes,
  json: { type: 'boolean' },
  debug: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type OptionName = keyof typeof optionTypes;

const everywhere: readonly OptionName[] = ['home', 'json', 'debug', 'help'];
const restart: readonly OptionName[] = [
  ...([
    'epoch',
    'exempt',
    'on-vat-failure',
    'no-last-rites',
    'require-empty-queue',
    'concurrency',
    'vat-parameters',
    'assume-engine',
  ] as const),
  'kind-change',
];

interface CommandRule {
  readonly options: readonly OptionName[];
  /** What operands are called, and whether all of them are needed. */
  readonly operands: readonly string[];
  readonly optional?: boolean;
}

const rules = {
  run: {
    options: [...everywhere, ...restart, 'lazy', 'reset', 'worker', 'slog'],
    operands: ['<config>'],
    optional: true,
  },
  status: { options: everywhere, operands: [] },
  epochs: { options: everywhere, operands: [] },
  params: { options: everywhere, operands: ['<vat>'] },
  rehearse: {
    options: [...everywhere, ...restart, 'html', 'temp-dir', 'crank-limit'],
    operands: [],
  },
  ...storeRules,
} as const satisfies Record<string, CommandRule>;

type Command = keyof typeof rules;

const isCommand = (name: string): name is Command => Object.hasOwn(rules, name);

/** The command may be of two words. */
const splitCommand = (positionals: readonly string[]): readonly [Command, readonly string[]] => {
  const two = positionals.slice(0, 2).join(' ');
  if (isCommand(two)) return [two, positionals.slice(2)];
  const one = positionals[0] ?? '';
  if (isCommand(one)) return [one, positionals.slice(1)];
  const given = one === 'store' ? two : one;
  const known = Object.keys(rules).join(', ');
  throw new UsageError(`${JSON.stringify(given)} is not a command; known are ${known}`);
};

const checkOperands = (command: Command, given: readonly string[]): void => {
  const { operands, optional = false }: CommandRule = rules[command];
  const missing = operands[given.length];
  if (missing !== undefined && !optional) throw new UsageError(`${command} needs ${missing}`);
  const surplus = given[operands.length];
  if (surplus === undefined) return;
  const hint = command === 'run' ? '; what is for the bootstrap vat comes after --' : '';
  throw new UsageError(`${command} takes no ${JSON.stringify(surplus)}${hint}`);
};

/** Digits alone are a number: `--epoch 7` comes after `--epoch 6`, as numbers do. */
export const parseEpoch = (text: string): PlatformEpoch =>
  /^[0-9]{1,15}$/.test(text) ? Number(text) : text;

const parseWorker = (text: string | undefined): RunArgs['worker'] => {
  if (text === undefined || text === 'xsnap' || text === 'local') return text;
  throw new UsageError(`--worker: expected xsnap or local, got ${JSON.stringify(text)}`);
};

const parseCrankLimit = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const limit = Number(text.replaceAll(/[_,]/g, ''));
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new UsageError(`--crank-limit: expected a positive number, got ${JSON.stringify(text)}`);
};

const split = (args: readonly string[]): readonly [string[], string[]] => {
  const at = args.indexOf('--');
  return at < 0 ? [[...args], []] : [args.slice(0, at), args.slice(at + 1)];
};

const parse = (own: string[]) => {
  try {
    return parseArgs({ args: own, options: optionTypes, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};

/** @throws UsageError */
export const parseCommandLine = (args: readonly string[]): CliArgs => {
  const [own, argv] = split(args);
  const { values, positionals } = parse(own);
  if (values.help || positionals.length === 0 || positionals[0] === 'help') {
    return { command: 'help' };
  }
  const [command, operands] = splitCommand(positionals);
  const allowed: readonly OptionName[] = rules[command].options;
  for (const name of Object.keys(values) as OptionName[]) {
    if (!allowed.includes(name)) throw new UsageError(`${command} takes no --${name}`);
  }
  checkOperands(command, operands);
  const { home, json = false } = values;
  if (!home) throw new UsageError(`${command} needs --home <dir>`);
  const [operand] = operands;
  if (isStoreCommand(command)) return readStoreArgs(command, { home, json }, operand ?? '', values);
  switch (command) {
    case 'run':
      return {
        command,
        home,
        json,
        config: operand,
        epoch: values.epoch === undefined ? undefined : parseEpoch(values.epoch),
        reset: values.reset ?? false,
        worker: parseWorker(values.worker),
        slog: values.slog,
        argv,
        ...readRestartArgs(values),
      };
    case 'rehearse':
      if (values.epoch === undefined) throw new UsageError(`${command} needs --epoch <epoch>`);
      return {
        command,
        home,
        json,
        epoch: parseEpoch(values.epoch),
        html: values.html,
        tempDir: values['temp-dir'],
        crankLimit: parseCrankLimit(values['crank-limit']),
        ...readRestartArgs(values),
      };
    case 'params':
      return { command, home, json, vat: operand ?? '' };
    default:
      return { command, home, json };
  }
};
