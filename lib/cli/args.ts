/** The command line, parsed and checked. */
import { parseArgs } from 'node:util';
import { SwingsetError } from '../errors.js';
import type { PlatformEpoch } from '../platform-epoch/types.js';

/** The command line makes no sense: exit code 2. */
export class UsageError extends SwingsetError {
  readonly code = 'USAGE';
}

export const usage = `swingset-kernel: runs SwingSet vats, and restarts them when the platform epoch advances

  swingset-kernel run [<config>] --home <dir> [--epoch <name or number>] [-- <argv of the bootstrap vat>]
      Boots the swingset in <dir>, runs what is queued, commits. On the first call it is made of
      <config>: a swingset.json, or a directory of vat-*.js and bootstrap.js.
      --epoch <epoch>       what the platform is called now; another one than last time restarts all vats
      --reset               throw away what is in <dir> and start anew
      --worker xsnap|local  what vats run in that name no worker of their own (first call only)
      --slog <file>         append the structured log, one JSON object per line
  swingset-kernel status --home <dir>       vats, incarnations, platform epoch
  swingset-kernel epochs --home <dir>       the epochs this swingset has lived through

  --json    print JSON instead of tables
  --debug   print the stack of an error`;

interface CommonArgs {
  readonly home: string;
  readonly json: boolean;
}

export interface RunArgs extends CommonArgs {
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
  RunArgs | (CommonArgs & { readonly command: 'status' | 'epochs' }) | { readonly command: 'help' };

const optionTypes = {
  home: { type: 'string' },
  epoch: { type: 'string' },
  reset: { type: 'boolean' },
  worker: { type: 'string' },
  slog: { type: 'string' },
  json: { type: 'boolean' },
  debug: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type OptionName = keyof typeof optionTypes;

const everywhere: readonly OptionName[] = ['home', 'json', 'debug', 'help'];
const optionsOf: Readonly<Record<string, readonly OptionName[]>> = {
  run: [...everywhere, 'epoch', 'reset', 'worker', 'slog'],
  status: everywhere,
  epochs: everywhere,
};

/** Digits alone are a number: `--epoch 7` comes after `--epoch 6`, as numbers do. */
export const parseEpoch = (text: string): PlatformEpoch =>
  /^[0-9]{1,15}$/.test(text) ? Number(text) : text;

const parseWorker = (text: string | undefined): RunArgs['worker'] => {
  if (text === undefined || text === 'xsnap' || text === 'local') return text;
  throw new UsageError(`--worker: expected xsnap or local, got ${JSON.stringify(text)}`);
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
  const [command, ...operands] = positionals;
  if (values.help || command === undefined || command === 'help') return { command: 'help' };
  const allowed = Object.hasOwn(optionsOf, command) ? optionsOf[command] : undefined;
  if (!allowed) {
    const known = Object.keys(optionsOf).join(', ');
    throw new UsageError(`${JSON.stringify(command)} is not a command; known are ${known}`);
  }
  for (const name of Object.keys(values) as OptionName[]) {
    if (!allowed.includes(name)) throw new UsageError(`${command} takes no --${name}`);
  }
  const { home, json = false } = values;
  if (!home) throw new UsageError(`${command} needs --home <dir>`);
  if (command !== 'run') {
    if (operands.length > 0) throw new UsageError(`${command} takes no ${operands[0]}`);
    return { command: command as 'status' | 'epochs', home, json };
  }
  const [config, ...more] = operands;
  if (more.length > 0)
    throw new UsageError(`run takes one configuration; after -- for the vat: ${more.join(' ')}`);
  return {
    command,
    home,
    json,
    config,
    epoch: values.epoch === undefined ? undefined : parseEpoch(values.epoch),
    reset: values.reset ?? false,
    worker: parseWorker(values.worker),
    slog: values.slog,
    argv,
  };
};
